"""A version of the rules is offered, tried out, adopted; what was filed and screened before stays as it is."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app.calls.facts import DocumentKind
from app.calls.models import Call, CallDocument, DocumentChange
from app.calls.queries import get_call
from app.calls.toml_text import FileRefused
from app.decisions.actions import record_decision
from app.decisions.facts import Verdict
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Refused, Stale
from app.kernel.findings import Outcome
from app.kernel.work import open_work
from app.proposals.models import Proposal, Submission
from app.screening.actions import screen_call
from app.screening.actions.rulebooks import Adoption, adopt_version, offer_version, plan_adoption
from app.screening.models import ScreeningBatch, ScreeningRun
from app.screening.queries import find_latest_run
from app.screening.queries.batches import list_batches, list_runs, read_batch
from app.screening.queries.versions import get_version, list_versions
from app.screening.trying import Around, Became
from tests.conftest import Backend
from tests.instruments import counted_queries, race
from tests.screening.rule_versions import (
    informs,
    offer,
    parameter,
    rules_in_use,
    version_file,
    without,
    wording,
)
from tests.screening.test_runs import DOUBTFUL, FAILING, PASSING, override, state
from tests.world import DATA, FISCAL_YEAR, NOW, World, file_proposal, write_draft

PASSES, NEEDS_PERSON, FAILS = Outcome.PASSES, Outcome.NEEDS_PERSON, Outcome.FAILS
WHY = "คณะกรรมการกำหนดหลักเกณฑ์ใหม่"
NEXT = 90
LENIENT = informs("integration")


def plan(world: World, document_id: int, by: str = "secretariat", around: Around = Around.NOW) -> Adoption:
    found = plan_adoption(db.session(), world.actor(by), FISCAL_YEAR, document_id, around)
    db.session.rollback()
    return found


def adopt(
    world: World,
    document_id: int,
    *,
    token: str | None = None,
    reason: str = WHY,
    rerun: bool = True,
    by: str = "secretariat",
) -> Any:
    token = token or plan(world, document_id).token
    with open_work(world.actor(by), NOW) as work:
        return adopt_version(work, FISCAL_YEAR, document_id, reason, token, rerun=rerun)


def memory() -> dict[str, list[tuple[Any, ...]]]:
    """Every byte that runs, findings and judgements hold."""
    db.session.rollback()
    return {
        table: [tuple(row) for row in db.session.execute(text(f"SELECT * FROM {table} ORDER BY id"))]
        for table in ("screening_runs", "screening_findings", "screening_overrides", "submissions")
    }


# --- offering ---


def test_an_offered_version_changes_no_call(app: Flask, world: World) -> None:
    before = get_call(db.session(), FISCAL_YEAR).rulebook_id
    offered = offer(world, NEXT, LENIENT)
    assert (offered.kind, offered.version, offered.is_new) == (DocumentKind.RULEBOOK, NEXT, True)
    assert get_call(db.session(), FISCAL_YEAR).rulebook_id == before
    version = get_version(db.session(), offered.document_id)
    assert (version.frozen_at, version.usages, version.size) == (None, (), len(rules_in_use()["rules"]))


def test_the_same_content_again_changes_nothing_and_other_content_replaces_what_nobody_uses(
    app: Flask, world: World
) -> None:
    first, again = offer(world, NEXT, LENIENT), offer(world, NEXT, LENIENT)
    assert (again.document_id, again.is_new) == (first.document_id, False)
    other = offer(world, NEXT)
    assert (other.document_id, other.is_new) == (first.document_id, True)
    assert db.session.scalar(select(func.count()).where(CallDocument.version == NEXT)) == 1


def test_a_version_in_use_is_refused_with_the_line_of_its_number(app: Flask, world: World) -> None:
    in_use = rules_in_use()["version"]
    assert not offer(world, in_use).is_new  # the very same content
    data = version_file(in_use, LENIENT)
    with pytest.raises(FileRefused) as refusal, open_work(world.actor("secretariat"), NOW) as work:
        offer_version(work, data)
    (fault,) = refusal.value.faults
    assert (fault.key, data.decode().split("\n")[fault.line - 1]) == ("version", f"version = {in_use}")


def test_a_price_list_is_offered_in_the_same_way(app: Flask, world: World) -> None:
    data = (DATA / "prices-2567.toml").read_bytes().replace(b"version = 1", b"version = 2")
    with open_work(world.actor("secretariat"), NOW) as work:
        offered = offer_version(work, data)
    assert (offered.kind, offered.version) == (DocumentKind.PRICES, 2)
    adopted = adopt(world, offered.document_id)
    assert adopted.kind is DocumentKind.PRICES
    assert get_call(db.session(), FISCAL_YEAR).prices_id == offered.document_id


def test_a_broken_file_leaves_no_trace(app: Flask, world: World) -> None:
    before = [(v.id, v.sha256) for v in list_versions(db.session())]
    data = version_file(NEXT, LENIENT).replace(b'check = "sums"', b'check = "suns"')
    with pytest.raises(FileRefused), open_work(world.actor("secretariat"), NOW) as work:
        offer_version(work, data)
    db.session.rollback()
    assert [(v.id, v.sha256) for v in list_versions(db.session())] == before


# --- trying out ---

TRIED: dict[str, tuple[Any, tuple[Any, ...], tuple[Outcome, Outcome] | None, set[tuple[str, Became]]]] = {
    # name: (draft, changes, conclusion from and to where it flips, what becomes of which rule's findings)
    "nothing changes": (PASSING, (), None, set()),
    "other words only": (FAILING, (wording("integration", "neither", "ไม่", "No"),), None, set()),
    "other order": (FAILING, (lambda d: d["rules"].reverse(),), None, set()),
    "a rule ceases to decide": (FAILING, (LENIENT,), (FAILS, PASSES), {("integration", Became.CHANGED)}),
    "a doubt ceases to decide": (
        DOUBTFUL,
        (LENIENT,),
        (NEEDS_PERSON, PASSES),
        {("integration", Became.CHANGED)},
    ),
    "what passed stays": (PASSING, (LENIENT,), None, set()),
    "a rule goes": (FAILING, (without("integration"),), (FAILS, PASSES), {("integration", Became.GONE)}),
    "a rule is stricter": (
        PASSING,
        (parameter("eligibility", excluded_agencies=["alpha"]),),
        (PASSES, FAILS),
        {("eligibility", Became.CHANGED)},
    ),
}


@pytest.mark.parametrize("around", list(Around))
@pytest.mark.parametrize("name", TRIED)
def test_what_would_change_is_told_and_nothing_is_written(
    app: Flask, world: World, name: str, around: Around
) -> None:
    draft, changes, flip, became = TRIED[name]
    proposal_id = file_proposal(world, draft)
    offered = offer(world, NEXT, *changes)
    before = memory()
    (row,) = plan(world, offered.document_id, around=around).trial.rows
    assert row.proposal_id == proposal_id
    assert ((row.change.before, row.change.after) if row.change.flips else None) == flip
    assert {(c.rule, c.became) for c in row.change.findings} == became
    assert row.by_rules == bool(became)
    assert not row.by_circumstances
    assert memory() == before
    # and what was told is what adopting does
    adopt(world, offered.document_id)
    run = find_latest_run(db.session(), proposal_id)
    assert run is not None
    assert run.concluded is row.change.after


def test_a_new_rule_comes(app: Flask, world: World) -> None:
    strict = offer(world, NEXT, without("sums"))
    file_proposal(world, PASSING)
    adopt(world, strict.document_id)
    back = offer(world, NEXT + 1, lambda d: d["rules"].append(SUMS))
    (row,) = plan(world, back.document_id).trial.rows
    assert {(c.rule, c.became) for c in row.change.findings} == {("sums", Became.CAME)}
    assert not row.change.flips


SUMS = {
    "code": "sums",
    "check": "sums",
    "severity": "decides",
    "name": {"th": "ตัวเลข", "en": "Arithmetic"},
    "basis": {"th": "ตัวเลข", "en": "Arithmetic"},
    "reasons": {
        "exact": {"th": "ตรง", "en": "Exact"},
        "wrong": {"th": "{problem}", "en": "{problem}", "remedy": {"th": "แก้", "en": "Mend"}},
    },
}


def test_a_judgement_counts_on_both_sides_and_is_told_where_it_no_longer_does(
    app: Flask, world: World
) -> None:
    proposal_id = file_proposal(world, FAILING)
    override(world, proposal_id, PASSES)
    offered = offer(world, NEXT, LENIENT)
    (row,) = plan(world, offered.document_id).trial.rows
    assert (row.change.before, row.change.after) == (PASSES, PASSES)
    assert [name.en for name in row.change.silenced] == ["Counts as integration"]


def test_what_changes_by_itself_is_told_from_what_the_rules_change(app: Flask, world: World) -> None:
    """A run made under an earlier version: part of the difference is not the doing of the version tried out."""
    file_proposal(world, FAILING)
    adopt(world, offer(world, NEXT, LENIENT).document_id, rerun=False)
    (row,) = plan(world, offer(world, NEXT + 1, LENIENT, without("sums")).document_id).trial.rows
    assert (row.change.before, row.change.after) == (FAILS, PASSES)
    assert (row.by_rules, row.by_circumstances) == (True, True)


def test_what_is_around_the_filings_is_kept_apart_from_the_rules(app: Flask, world: World) -> None:
    """The first filing was screened before others asked for the same item: since then there are prices beside its own."""
    ids = [file_proposal(world, PASSING) for _ in range(4)]
    offered = offer(world, NEXT).document_id
    then = plan(world, offered, around=Around.THEN).trial
    assert (len(then.rows), then.changed) == (4, ())
    now = {row.proposal_id: row for row in plan(world, offered, around=Around.NOW).trial.changed}
    assert ids[0] in now
    assert ids[3] not in now
    first = now[ids[0]]
    assert {(c.rule, c.became) for c in first.change.findings} == {("peer-prices", Became.CHANGED)}
    assert (first.by_rules, first.by_circumstances) == (False, True)


def test_what_is_decided_or_out_for_revision_is_told_to_stay(app: Flask, world: World) -> None:
    decided, free = file_proposal(world, PASSING), file_proposal(world, PASSING)
    offered = offer(world, NEXT, LENIENT)
    write_draft(world, PASSING)  # a draft is nobody's to try on
    with open_work(world.actor("committee"), NOW) as work:
        record_decision(work, decided, Verdict.REJECTED, 0, reason="ไม่สอดคล้อง")
    rows = {row.proposal_id: row for row in plan(world, offered.document_id).trial.rows}
    assert rows.keys() == {decided, free}
    assert rows[free].stays is None
    assert rows[decided].stays is not None


# --- adopting ---


def test_a_call_goes_over_and_all_earlier_runs_keep_every_byte(app: Flask, world: World) -> None:
    ids = [file_proposal(world, draft) for draft in (PASSING, DOUBTFUL, FAILING)]
    override(world, ids[1], PASSES)
    before_id = get_call(db.session(), FISCAL_YEAR).rulebook_id
    before = memory()
    offered = offer(world, NEXT, LENIENT)
    adopted = adopt(world, offered.document_id)
    assert adopted.rerun.counts == {PASSES: 3}
    assert [state(proposal_id) for proposal_id in ids] == ["passed"] * 3
    after = memory()
    for table, rows in before.items():
        assert after[table][: len(rows)] == rows, table
    assert after["submissions"] == before["submissions"]
    assert {s.rulebook_id for s in db.session.scalars(select(Submission))} == {before_id}
    call = get_call(db.session(), FISCAL_YEAR)
    assert (call.rulebook_id, call.rulebook.version) == (offered.document_id, NEXT)
    change = db.session.scalars(select(DocumentChange)).one()
    assert (change.from_id, change.to_id, change.reason) == (before_id, offered.document_id, WHY)
    assert change.by == world.users["secretariat"]
    version = get_version(db.session(), offered.document_id)
    assert version.frozen_at == NOW
    assert [(u.fiscal_year, u.since, u.until) for u in version.usages] == [(FISCAL_YEAR, NOW, None)]
    former = get_version(db.session(), before_id)
    assert [(u.since, u.until) for u in former.usages if u.fiscal_year == FISCAL_YEAR] == [(None, NOW)]


def test_adopting_without_a_rerun_screens_nothing(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world, FAILING)
    before = memory()
    assert adopt(world, offer(world, NEXT, LENIENT).document_id, rerun=False).rerun is None
    assert memory() == before
    assert state(proposal_id) == "failed"


def test_a_call_may_go_back(app: Flask, world: World) -> None:
    file_proposal(world, FAILING)
    first = get_call(db.session(), FISCAL_YEAR).rulebook_id
    second = offer(world, NEXT, LENIENT).document_id
    adopt(world, second)
    adopt(world, first)
    assert get_call(db.session(), FISCAL_YEAR).rulebook_id == first
    used = {v.id: [(u.since, u.until) for u in v.usages] for v in list_versions(db.session())}
    assert used[first] == [(NOW, None), (None, NOW)]
    assert used[second] == [(NOW, NOW)]


def _file_another(world: World, offered: int) -> None:
    file_proposal(world, PASSING)


def _judge_one(world: World, offered: int) -> None:
    proposal_id = db.session.scalars(select(Proposal.id)).first()
    assert proposal_id is not None
    db.session.rollback()
    override(world, proposal_id, NEEDS_PERSON)


def _run_again(world: World, offered: int) -> None:
    with open_work(world.actor("secretariat"), NOW) as work:
        screen_call(work, FISCAL_YEAR)


def _offer_other_content(world: World, offered: int) -> None:
    offer(world, NEXT, without("integration"))


def _adopt_another(world: World, offered: int) -> None:
    adopt(world, offer(world, NEXT + 1).document_id, rerun=False)


@pytest.mark.parametrize(
    "meanwhile", [_file_another, _judge_one, _run_again, _offer_other_content, _adopt_another]
)
def test_what_was_looked_at_must_still_hold(app: Flask, world: World, meanwhile: Any) -> None:
    file_proposal(world, FAILING)
    offered = offer(world, NEXT, LENIENT).document_id
    token = plan(world, offered).token
    meanwhile(world, offered)
    before = get_call(db.session(), FISCAL_YEAR).rulebook_id
    with pytest.raises(Stale):
        adopt(world, offered, token=token)
    db.session.rollback()
    assert get_call(db.session(), FISCAL_YEAR).rulebook_id == before
    adopt(world, offered)  # after another look


REASONS: list[tuple[str, bool]] = [
    ("", False),
    ("ก" * 9, False),
    (f"  {'ก' * 9}  \n", False),
    ("ก" * 10, True),
    ("ก" * 1000, True),
    ("ก" * 1001, False),
]


@pytest.mark.parametrize(
    ("reason", "is_enough"), REASONS, ids=lambda v: str(len(v)) if isinstance(v, str) else ""
)
def test_a_reason_is_needed(app: Flask, world: World, reason: str, is_enough: bool) -> None:
    offered = offer(world, NEXT, LENIENT).document_id
    if is_enough:
        adopt(world, offered, reason=reason)
        return
    with pytest.raises(Refused) as refusal:
        adopt(world, offered, reason=reason)
    assert [p.place for p in refusal.value.problems] == ["reason"]


def test_refused_once_the_committee_has_decided_and_the_rest_may_still_be_rerun(
    app: Flask, world: World
) -> None:
    decided, free = file_proposal(world, PASSING), file_proposal(world, FAILING)
    offered = offer(world, NEXT, LENIENT).document_id
    with open_work(world.actor("committee"), NOW) as work:
        record_decision(work, decided, Verdict.REJECTED, 0, reason="ไม่สอดคล้อง")
    with pytest.raises(Refused, match="decided"):
        adopt(world, offered)
    with open_work(world.actor("secretariat"), NOW) as work:
        assert screen_call(work, FISCAL_YEAR).counts == {FAILS: 1}
    assert (state(decided), state(free)) == ("rejected", "failed")


def test_refused_for_the_version_in_use_and_unknown_ones(app: Flask, world: World) -> None:
    call = get_call(db.session(), FISCAL_YEAR)
    with pytest.raises(Refused, match="already"):
        adopt(world, call.rulebook_id)
    for document_id in (call.plan_id, call.rubric_id, 999_999):
        with pytest.raises(NotFound):
            adopt(world, document_id, token="x")
        with pytest.raises(NotFound):
            get_version(db.session(), document_id)
    with pytest.raises(NotFound), open_work(world.actor("secretariat"), NOW) as work:
        adopt_version(work, 1999, call.rulebook_id, WHY, "x", rerun=False)


@pytest.mark.parametrize("name", ["officer", "certifier", "reviewer_bb", "committee", "admin"])
def test_only_the_secretariat_offers_and_adopts(app: Flask, world: World, name: str) -> None:
    offered = offer(world, NEXT, LENIENT).document_id
    token = plan(world, offered).token
    tries = (
        lambda: offer(world, NEXT + 1, by=name),
        lambda: plan(world, offered, by=name),
        lambda: adopt(world, offered, token=token, by=name),
    )
    for attempt in tries:
        with pytest.raises(Forbidden):
            attempt()


def test_two_who_adopt_at_once_do_it_one_after_the_other(app: Flask, world: World) -> None:
    file_proposal(world, FAILING)
    ids = [offer(world, NEXT + n, LENIENT).document_id for n in range(2)]
    tokens = [plan(world, document_id).token for document_id in ids]
    actor = world.actor("secretariat")
    db.session.remove()

    def run(n: int) -> Any:
        with open_work(actor, NOW) as work:
            return adopt_version(work, FISCAL_YEAR, ids[n], WHY, tokens[n], rerun=True)

    results = race(app, lambda: run(0), lambda: run(1))
    assert sorted(isinstance(r, Stale) for r in results) == [False, True], results
    assert db.session.scalar(select(func.count()).select_from(DocumentChange)) == 1


# --- what a rerun changed ---


def test_a_batch_tells_what_it_changed_and_what_it_left(app: Flask, world: World) -> None:
    failing, passing, judged = (file_proposal(world, draft) for draft in (FAILING, PASSING, FAILING))
    override(world, judged, PASSES)
    adopted = adopt(world, offer(world, NEXT, LENIENT).document_id)
    batch = read_batch(db.session(), adopted.rerun.batch_id)
    assert (batch.row.cause, batch.row.version, batch.row.runs, batch.row.fiscal_year) == (
        "adopted",
        NEXT,
        3,
        FISCAL_YEAR,
    )
    assert batch.row.by is not None
    found = {c.proposal_id: c for c in batch.changed}
    assert found.keys() == {failing, judged}
    assert (batch.unchanged, batch.fresh) == (1, 0)
    assert passing not in found
    change = found[failing].change
    assert (change.before, change.after) == (FAILS, PASSES)
    assert [(c.rule, c.became) for c in change.findings] == [("integration", Became.CHANGED)]
    (words,) = change.findings
    assert words.before is not None
    assert words.after is not None
    assert (words.before.decides, words.after.decides) == (True, False)
    assert [name.en for name in found[judged].change.silenced] == ["Counts as integration"]
    assert batch.flips == {(FAILS, PASSES): 1}


def test_what_people_judge_after_a_batch_is_not_its_doing(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world, FAILING)
    with open_work(world.actor("secretariat"), NOW) as work:
        batch_id = screen_call(work, FISCAL_YEAR).batch_id
    override(world, proposal_id, PASSES)
    assert batch_id is not None
    batch = read_batch(db.session(), batch_id)
    assert (batch.changed, batch.unchanged, batch.row.cause) == ((), 1, "rerun")


def test_a_batch_that_is_not_there(app: Flask, world: World) -> None:
    with pytest.raises(NotFound):
        read_batch(db.session(), 999_999)
    assert list_batches(db.session(), world.call_id) == []


def test_the_runs_of_a_proposal_in_order(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world, FAILING)
    override(world, proposal_id, NEEDS_PERSON)
    first = rules_in_use()["version"]
    adopt(world, offer(world, NEXT, LENIENT).document_id)
    runs = list_runs(db.session(), proposal_id)
    assert [(r.version, r.outcome, r.concluded, r.judgements) for r in runs] == [
        (first, FAILS, NEEDS_PERSON, 1),
        (NEXT, PASSES, PASSES, 1),
    ]
    assert [r.sequence for r in runs] == [1, 1]
    assert (runs[0].batch_id, runs[1].batch_id is None) == (None, False)


FEW, MANY = 3, 12


def test_queries_do_not_grow_with_filings(sqlite_backend: Backend) -> None:
    world = sqlite_backend.world
    with sqlite_backend.app.app_context():

        def measure() -> list[int]:
            offered = offer(world, NEXT, LENIENT).document_id
            with open_work(world.actor("secretariat"), NOW) as work:
                batch_id = screen_call(work, FISCAL_YEAR).batch_id
            assert batch_id is not None
            actor, counts = world.actor("secretariat"), []
            for ask in (
                lambda: plan_adoption(db.session(), actor, FISCAL_YEAR, offered),
                lambda: read_batch(db.session(), batch_id),
                lambda: list_versions(db.session()),
            ):
                db.session.rollback()
                with counted_queries() as queries:
                    ask()
                counts.append(len(queries))
            return counts

        for n in range(MANY):
            override(world, file_proposal(world, FAILING), PASSES)
            if n + 1 == FEW:
                few = measure()
        assert measure() == few
        assert max(few) <= 16, few
        db.session.remove()


@pytest.mark.parametrize("draft", [PASSING, DOUBTFUL, FAILING], ids=["passing", "doubtful", "failing"])
def test_the_rules_in_use_tried_out_change_nothing(app: Flask, world: World, draft: Any) -> None:
    """What was stored and what would be found again are the same to the comparison, through JSON and back."""
    file_proposal(world, draft)
    (row,) = plan(world, get_call(db.session(), FISCAL_YEAR).rulebook_id).trial.rows
    assert row.change.is_empty


def test_the_database_keeps_a_reason(app: Flask, world: World) -> None:
    assert db.session.scalar(select(func.count()).select_from(ScreeningBatch)) == 0
    assert db.session.scalar(select(func.count()).select_from(ScreeningRun)) == 0
    adopt(world, offer(world, NEXT, LENIENT).document_id)  # nothing filed: no batch, and no fault
    assert db.session.scalar(select(func.count()).select_from(ScreeningBatch)) == 0
    assert db.session.scalar(select(Call.rulebook_id)) != 0
