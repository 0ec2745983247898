"""A participant's own part of another agency's proposal: read by every agency of the proposal, written by its own.

Invitations are answered, parts confirmed and signed by people, on the pages.
"""

from __future__ import annotations

from app.api.door import api_needs
from app.api.operations import NUMBER, Answer, Asked, Parameter, get, put, write_json
from app.api.sections import (
    DRAFT_INDICATOR,
    DRAFT_LINE,
    DRAFT_LINK,
    read_value,
    with_version,
    write_section,
)
from app.api.shapes import Listed, Thing, Words
from app.api.writing import note_write, require_match
from app.calls.queries import get_call_by_id
from app.identity.queries import agency_ids
from app.identity.rules import Permission
from app.identity.scopes import TokenScope
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import save_section
from app.proposals.actions.drafting import get_writable
from app.proposals.drafts import PART_SECTIONS
from app.proposals.queries import DraftView, PartView, agency_directory, get_draft, read_draft
from app.proposals.queries.numbers import get_id_of
from app.proposals.sections import Ground

TAG = "parts"
AGENCY = Parameter(
    "agency", Words(20, needed=True, pattern="[A-Za-z0-9._-]+"), "Code of the participant", needed=True
)
PART_SHAPES = {
    "links": Thing("PartLinks", {"rows": Listed(DRAFT_LINK, 500)}),
    "indicators": Thing("PartIndicators", {"rows": Listed(DRAFT_INDICATOR, 500)}),
    "budget": Thing("PartBudget", {"rows": Listed(DRAFT_LINE, 1000)}),
}


def _part(view: DraftView, code: str) -> PartView:
    """The part of a participant that joined and still takes part. Raises `NotFound`."""
    if code not in view.joined:
        raise NotFound()
    return next(p for p in view.parts if p.code == code)


def _offer(section: str) -> None:
    """Declare reading and writing one section of a part."""
    name, shape = PART_SECTIONS[section], PART_SHAPES[section]
    answer = with_version(section, shape)

    def read(asked: Asked) -> Answer:
        view = get_draft(db.session(), asked.actor, get_id_of(db.session(), asked.path["number"]))
        part = _part(view, asked.path["agency"])
        return Answer(write_section(section, shape, part.section_versions[section], part.part[section]))

    def write(asked: Asked) -> Answer:
        session, code = db.session(), asked.path["agency"]
        proposal_id, agency_id = get_id_of(session, asked.path["number"]), agency_ids(session).get(code)
        if agency_id is None:
            raise NotFound()
        with open_work(asked.actor, asked.now) as work:
            get_writable(work, proposal_id, section, agency_id)  # locks it
            view = read_draft(work.session, proposal_id)
            part = _part(view, code)
            version = part.section_versions[section]
            require_match(write_json(write_section(section, shape, version, part.part[section])))
            call = get_call_by_id(work.session, view.call_id)
            directory = agency_directory(work.session)
            ground = Ground(call.plan, call.limits, directory, (code,), is_part=True)
            value = read_value(section, asked.body, ground)
            saved = save_section(work, proposal_id, section, value, version, agency_id=agency_id)
            note_write(work, asked)
            return Answer(write_section(section, shape, saved.version, saved.value))

    read.__name__, write.__name__ = f"read_part_{section}", f"write_part_{section}"
    address = f"/proposals/{{number}}/parts/{{agency}}/sections/{section}"
    get(
        address,
        Text(f"อ่านส่วนของหน่วยงานร่วม “{name.th}”", f"“{name.en}”, a participant's part"),
        answer,
        tag=TAG,
        path=(NUMBER, AGENCY),
    )(api_needs(Permission.READ_PROPOSAL, TokenScope.PROPOSALS_READ)(read))
    put(
        address,
        Text(f"เขียนส่วนของหน่วยงานร่วม “{name.th}” ทั้งส่วน", f"Write “{name.en}” of the agency's own part"),
        answer,
        tag=TAG,
        path=(NUMBER, AGENCY),
        body=shape,
        about="For the participant itself, once it has joined.",
    )(api_needs(Permission.WRITE_PROPOSAL, TokenScope.PROPOSALS_WRITE)(write))


for _section in PART_SHAPES:
    _offer(_section)
