"""Proposals with everything that can be in one, for the pages that must not ask the database more for that."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from app.kernel.files import Area, file_store
from app.kernel.work import open_work
from app.proposals.actions import attach_file, continue_proposal, note_look, store_file
from app.proposals.queries import list_attached, mark_of_draft, read_draft
from tests.proposals.consortium import (
    answer,
    ask,
    begin,
    certify,
    confirm,
    fill_in_part,
    gather,
    invite,
    join,
    joint,
    sign,
    sign_for_part,
)
from tests.proposals.earlier import file_earlier
from tests.proposals.sent_back import answer as answer_question
from tests.proposals.sent_back import ask as put_question
from tests.proposals.sent_back import refile, save, send_back
from tests.web.desks import assign
from tests.world import FISCAL_YEAR, NOW, World, complete_draft, file_proposal, write_draft

EVERY_SECTION = ("names", "plan", "integration", "rationale", "indicators", "budget", "attachments")


@dataclass(frozen=True)
class Everything:
    """Ids, with `world` of all people. `returned` was filed by two agencies, twice, and returned twice; it continues
    a filing of last year and has files, answers of partners and signatures. `written` is the same before any filing,
    `reviewed` is with its reviewers."""

    world: World
    earlier: int
    returned: int
    written: int
    reviewed: int


def build_everything(world: World) -> Everything:
    """In a call that asks for signatures, with a plain draft beside them."""
    world = gather(world)
    earlier = file_earlier(world, joint())
    reviewed = file_proposal(world)
    assign(world, reviewed, "reviewer_bb", "reviewer_dga")
    certify()
    returned, written = _written(world, earlier), begin(world)
    write_draft(world, complete_draft())
    join(world, written)
    question = None
    for cycle in ("first", "second"):
        if question is not None:
            answer_question(world, returned, question, "คำตอบ", at=NOW)
        for person in ("certifier", "certifier_beta"):
            _look(world, returned, person)
        sign_for_part(world, returned)
        sign(world, returned)
        refile(world, returned, at=NOW, key=cycle)
        question = put_question(world, returned, f"{cycle} question")
        send_back(world, returned, question, sections=EVERY_SECTION)
        save(world, returned, "rationale", complete_draft()["rationale"] | {"rationale": cycle}, at=NOW)
    return Everything(world, earlier, returned, written, reviewed)


def _written(world: World, earlier: int) -> int:
    """A complete draft of alpha and beta that continues `earlier`, confirmed by beta, with files and links asked."""
    with open_work(world.actor("officer"), NOW) as work:
        key = continue_proposal(work, FISCAL_YEAR, world.agencies["alpha"], earlier).id
    for section, value in joint().items():
        save(world, key, section, value, at=NOW)
    invite(world, key)
    answer(world, key)
    fill_in_part(world, key)
    store = file_store(current_app.config["DGI"], Area.ATTACHMENTS)
    for n in (1, 2):
        file = store_file(store, f"{n}.pdf", "application/pdf", b"%%PDF-%d" % n)
        with open_work(world.actor("officer"), NOW) as work:
            attach_file(work, key, "tor", file)
    confirm(world, key)
    ask(world, key)
    ask(world, key, "beta")
    return key


def _look(world: World, proposal_id: int, person: str) -> None:
    with open_work(world.actor(person), NOW) as work:
        view = read_draft(work.session, proposal_id)
        note_look(work, proposal_id, mark_of_draft(view, list_attached(work.session, proposal_id)))
