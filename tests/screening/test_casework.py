"""The desk of those who screen: what stands first, filters, notes, who looks after what, and orders for many."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.calls.queries import CallView, get_call
from app.identity.actions import add_demo_person
from app.identity.facts import SYSTEM, Membership, Role
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Refused, Stale
from app.kernel.findings import Outcome
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import withdraw_proposal
from app.proposals.models import Proposal
from app.screening.actions import (
    ALREADY_DECIDED,
    CHANGED_MEANWHILE,
    NOTHING_TO_DO,
    ONLY_INFORMS,
    add_note,
    assign_cases,
    carry_out,
    override_finding,
    plan_bulk,
    screen_proposal,
)
from app.screening.actions import bulk as bulk_orders
from app.screening.casework import (
    LONGEST_NOTE,
    MOST_AT_ONCE,
    NOBODY,
    BulkOrder,
    Errand,
    Order,
    QueueEntry,
    QueueFilter,
    Standing,
    key_of,
    read_key,
    standing_of,
    tallies_by_assignee,
    tally_of,
    write_key,
)
from app.screening.models import (
    ScreeningCase,
    ScreeningFinding,
    ScreeningNote,
    ScreeningOverride,
    ScreeningRun,
)
from app.screening.queries import (
    count_attention,
    describe_queue,
    find_latest_run,
    find_latest_runs,
    get_case,
    list_queue,
    list_screeners,
)
from tests.conftest import Backend
from tests.web.desks import counting
from tests.world import FISCAL_YEAR, NOW, PASSWORD, World, complete_draft, file_proposal

WHY = "ตรวจหนังสือยืนยันแล้ว เชื่อมโยงจริง"


def _clean(world: World, **names: str) -> int:
    """A filing that passes, or needs a person by other rules than the one about integration."""
    return file_proposal(world, complete_draft(names=dict(names)))


def _doubtful(world: World, **names: str) -> int:
    """A link with a partner nobody has registered: the rule about integration cannot tell."""
    draft = complete_draft(names=dict(names))
    draft["integration"]["links"][0] |= {"partner": "", "partner_other": "มูลนิธิข้อมูลเปิด"}
    return file_proposal(world, draft)


def _failing(world: World, **names: str) -> int:
    """A central service that its users pay for: no form of integration."""
    draft = complete_draft(names=dict(names))
    draft["integration"] |= {
        "forms": ["shared_service"],
        "links": [],
        "service_name": "ระบบกลาง",
        "service_free": "no",
        "service_users": ["beta", "gamma"],
    }
    return file_proposal(world, draft)


def _second(world: World) -> int:
    """Another person of the secretariat."""
    with open_work(SYSTEM, NOW) as work:
        return add_demo_person(
            work,
            "second@test.example",
            Text("คนที่สอง", "Second person"),
            PASSWORD,
            [Membership(Role.SECRETARIAT, world.agencies["dga"])],
        )


def _call() -> CallView:
    return get_call(db.session(), FISCAL_YEAR)


def _state(proposal_id: int) -> str:
    return db.session().scalars(select(Proposal.state).where(Proposal.id == proposal_id)).one()


def _count(model: Any) -> int:
    return db.session().scalar(select(func.count()).select_from(model)) or 0


def _entries(proposal_id: int, action: str) -> list[AuditEntry]:
    return list(
        db.session().scalars(
            select(AuditEntry).where(
                AuditEntry.subject == f"proposal:{proposal_id}", AuditEntry.action == action
            )
        )
    )


def _assign(world: World, ids: list[int], to: int | None, by: str = "secretariat") -> list[int]:
    with open_work(world.actor(by), NOW) as work:
        return assign_cases(work, ids, to)


def _found(world: World, **wanted: str) -> list[str]:
    queue = list_queue(db.session(), world.actor("secretariat"), world.call_id, QueueFilter(**wanted))
    rows = describe_queue(db.session(), _call(), [e.proposal_id for e in queue if e.fits])
    return [row.title.en for row in rows]


# What stands first


@pytest.mark.parametrize(
    ("state", "standing"),
    [
        ("submitted", Standing.UNSCREENED),
        ("questioned", Standing.NEEDS_PERSON),
        ("failed", Standing.FAILS),
        ("passed", Standing.PASSES),
        ("returned", Standing.RETURNED),
        ("approved", Standing.DECIDED),
        ("conditional", Standing.DECIDED),
        ("deferred", Standing.DECIDED),
        ("rejected", Standing.DECIDED),
    ],
)
def test_a_state_says_where_a_filing_stands(state: str, standing: Standing) -> None:
    assert standing_of(state) is standing


def _entry(n: int, state: str, **changes: Any) -> QueueEntry:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n)
    return replace(QueueEntry(n, f"2570-{n:04}", state, n * 100, at, None, False), **changes)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.PRIORITY, [3, 6, 2, 1, 4, 5]),
        (Order.WAITING, [1, 2, 3, 4, 5, 6]),
        (Order.AMOUNT, [6, 5, 4, 3, 2, 1]),
        (Order.NUMBER, [1, 2, 3, 4, 5, 6]),
    ],
)
def test_the_queue_has_an_order(order: Order, expected: list[int]) -> None:
    states = ("passed", "failed", "questioned", "returned", "approved", "submitted")
    entries = [_entry(n, state) for n, state in enumerate(states, 1)]
    for given in (entries, entries[::-1]):  # whatever order they came in
        assert [e.proposal_id for e in sorted(given, key=lambda e: key_of(e, order))] == expected


@pytest.mark.parametrize("order", list(Order))
def test_a_key_survives_the_address(order: Order) -> None:
    key = key_of(_entry(7, "questioned"), order)
    assert read_key(write_key(key)) == key


@pytest.mark.parametrize(
    "typed", ["", "x", "1.2", "1.2.", "a.2.3", "1.2.3'--", "1" * 40, "๑.๒.๓", "1.2.\x00"]
)
def test_what_is_no_key_is_none(typed: str) -> None:
    assert read_key(typed) is None


def test_filings_are_counted_by_whoever_looks_after_them() -> None:
    entries = [
        _entry(1, "questioned", assignee_id=5),
        _entry(2, "submitted", is_judged=True),
        _entry(3, "passed", assignee_id=5, is_judged=True),
    ]
    everybody = tally_of(entries)
    assert (everybody.filings, everybody.amount, everybody.judged, everybody.waiting) == (3, 600, 2, 2)
    by_person = tallies_by_assignee(entries)
    assert {who: (n.filings, n.waiting) for who, n in by_person.items()} == {5: (2, 1), None: (1, 1)}
    assert tally_of([]).waiting == 0


# The queue


@pytest.fixture
def round_(backend: Backend, app: Flask, world: World) -> dict[str, int]:
    """What `file_round` left."""
    return backend.begin_with(f"{__name__}.round", lambda: file_round(world))


def file_round(world: World) -> dict[str, int]:
    """Four filings: one doubtful, one failing, one clean, and a doubtful one that a person judged."""
    filed = {
        "Doubtful": _doubtful(world, title_en="Doubtful", title_th="ระบบทะเบียนสงสัย"),
        "Failing": _failing(world, title_en="Failing", title_th="ระบบไม่บูรณาการ"),
        "Clean": _clean(world, title_en="Clean", title_th="ระบบเชื่อมโยงดี"),
        "Judged": _doubtful(world, title_en="Judged", title_th="ระบบที่วินิจฉัยแล้ว"),
    }
    with open_work(world.actor("secretariat"), NOW) as work:
        override_finding(work, filed["Judged"], "integration", Outcome.PASSES, WHY)
        assign_cases(work, [filed["Clean"]], world.users["secretariat"])
    return filed


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, {"Doubtful", "Failing", "Clean", "Judged"}),
        ({"text": "ทะเบียน"}, {"Doubtful"}),  # inside a word
        ({"text": "เบียนสง"}, {"Doubtful"}),
        ({"text": "กรมอัลฟา"}, {"Doubtful", "Failing", "Clean", "Judged"}),
        ({"text": "ไม่มีคำนี้"}, set()),
        ({"text": "%"}, set()),
        ({"rule": "integration", "outcome": "needs_person"}, {"Doubtful", "Judged"}),
        ({"rule": "integration", "outcome": "fails"}, {"Failing"}),
        ({"rule": "integration", "outcome": "passes"}, {"Clean"}),
        ({"rule": "integration"}, {"Doubtful", "Failing", "Judged"}),
        ({"rule": "window"}, set()),
        ({"rule": "nonsense", "outcome": "fails"}, set()),
        ({"rule": "integration", "outcome": "needs_person", "judged": "no"}, {"Doubtful"}),
        ({"judged": "yes"}, {"Judged"}),
        ({"judged": "no"}, {"Doubtful", "Failing", "Clean"}),
        ({"assignee": NOBODY}, {"Doubtful", "Failing", "Judged"}),
        ({"assignee": "secretariat"}, {"Clean"}),
        ({"assignee": "999"}, set()),
        ({"standing": "fails"}, {"Failing"}),
        ({"standing": "decided"}, set()),
        ({"stage": "upstream"}, {"Doubtful", "Failing", "Clean", "Judged"}),
        ({"stage": "downstream"}, set()),
        ({"ministry": "mof"}, {"Doubtful", "Failing", "Clean", "Judged"}),
        ({"ministry": "moi"}, set()),
        ({"overlaps": "no"}, {"Doubtful", "Failing", "Clean", "Judged"}),
        ({"overlaps": "yes"}, set()),
    ],
)
def test_the_queue_is_narrowed(
    round_: dict[str, int], world: World, wanted: dict[str, str], expected: set[str]
) -> None:
    named = {k: str(world.users.get(v, v)) if k == "assignee" else v for k, v in wanted.items()}
    assert set(_found(world, **named)) == expected


def test_a_row_says_what_there_is_to_look_at(round_: dict[str, int], world: World) -> None:
    with open_work(world.actor("secretariat"), NOW) as work:
        add_note(work, round_["Judged"], "โทรถามแล้ว")
        add_note(work, round_["Judged"], "ได้หนังสือแล้ว")
    (judged, failing) = describe_queue(db.session(), _call(), [round_["Judged"], round_["Failing"]])
    trouble = next(x for x in judged.troubles if x.rule == "integration")
    assert (trouble.outcome, trouble.judged, trouble.decides) == (Outcome.NEEDS_PERSON, Outcome.PASSES, True)
    assert judged.note is not None
    assert judged.note.note == "ได้หนังสือแล้ว"
    assert next(x for x in failing.troubles if x.rule == "integration").outcome is Outcome.FAILS
    # a rule that only informs and is not met is nothing to look at
    assert "form-1" not in {x.rule for x in failing.troubles}


def test_many_runs_read_as_one_does(round_: dict[str, int]) -> None:
    many = find_latest_runs(db.session(), list(round_.values()))
    assert many == {i: find_latest_run(db.session(), i) for i in round_.values()}
    assert find_latest_runs(db.session(), []) == {}


def test_the_queue_asks_the_same_for_few_and_many(app: Flask, world: World) -> None:
    def asked() -> int:
        with counting() as seen:
            queue = list_queue(db.session(), world.actor("secretariat"), world.call_id)
            describe_queue(db.session(), _call(), [e.proposal_id for e in queue])
            find_latest_runs(db.session(), [e.proposal_id for e in queue])
        return len(seen)

    for _ in range(3):
        _doubtful(world)
    few = asked()
    for _ in range(6):
        _failing(world)
    assert asked() == few


@pytest.mark.parametrize("name", ["officer", "certifier", "reviewer_bb", "committee", "admin"])
def test_nobody_else_has_a_queue(round_: dict[str, int], world: World, name: str) -> None:
    proposal_id, actor = round_["Clean"], world.actor(name)
    order = BulkOrder(Errand.RERUN)
    for ask in (
        lambda: list_queue(db.session(), actor, world.call_id),
        lambda: get_case(db.session(), actor, proposal_id),
        lambda: plan_bulk(db.session(), actor, _call(), order, [proposal_id]),
    ):
        with pytest.raises(Forbidden):
            ask()
    with pytest.raises(Forbidden), open_work(actor, NOW) as work:
        assign_cases(work, [proposal_id], None)
    with pytest.raises(Forbidden), open_work(actor, NOW) as work:
        add_note(work, proposal_id, "บันทึก")
    with pytest.raises(Forbidden), open_work(actor, NOW) as work:
        carry_out(work, _call(), order, [proposal_id], "x")


# Notes and cases


def test_notes_are_kept_and_the_log_has_only_their_hash(app: Flask, world: World) -> None:
    proposal_id = _clean(world)
    for words in ("  ข้อแรก\nสองบรรทัด ", "ข้อสอง"):
        with open_work(world.actor("secretariat"), NOW) as work:
            add_note(work, proposal_id, words)
    kept = get_case(db.session(), world.actor("secretariat"), proposal_id)
    assert [n.note for n in kept.notes] == ["ข้อสอง", "ข้อแรก\nสองบรรทัด"]
    logged = _entries(proposal_id, "note_screening")
    assert len(logged) == 2
    assert all("ข้อ" not in entry.detail for entry in logged)


@pytest.mark.parametrize("words", ["", "  \n ", "ก" * (LONGEST_NOTE + 1)])
def test_a_note_says_something_and_not_too_much(app: Flask, world: World, words: str) -> None:
    proposal_id = _clean(world)
    with pytest.raises(Refused), open_work(world.actor("secretariat"), NOW) as work:
        add_note(work, proposal_id, words)
    with open_work(world.actor("secretariat"), NOW) as work:
        add_note(work, proposal_id, "ก" * LONGEST_NOTE)
    assert _count(ScreeningNote) == 1


def test_a_draft_has_no_case(app: Flask, world: World) -> None:
    proposal_id = _clean(world)
    with open_work(world.actor("officer"), NOW) as work:
        withdraw_proposal(work, proposal_id)
    for ids in ([proposal_id], [999_999]):
        with pytest.raises(NotFound), open_work(world.actor("secretariat"), NOW) as work:
            assign_cases(work, ids, world.users["secretariat"])
        with pytest.raises(NotFound), open_work(world.actor("secretariat"), NOW) as work:
            add_note(work, ids[0], "บันทึก")


def test_cases_change_hands(app: Flask, world: World) -> None:
    first, second = _clean(world), _clean(world)
    me, other = world.users["secretariat"], _second(world)
    assert list_screeners(db.session()).keys() == {me, other}
    assert _assign(world, [first, second], me) == [first, second]
    assert _assign(world, [first, second], me) == []
    assert _assign(world, [second], other) == [second]
    assert _assign(world, [first], None) == [first]
    actor = world.actor("secretariat")
    assert get_case(db.session(), actor, first).assignee is None
    assert get_case(db.session(), actor, second).assignee == Text("คนที่สอง", "Second person")
    assert len(_entries(second, "assign_case")) == 2
    assert len(_entries(first, "release_case")) == 1


@pytest.mark.parametrize("name", ["officer", "committee", "admin", "reviewer_bb"])
def test_only_the_secretariat_looks_after_cases(app: Flask, world: World, name: str) -> None:
    proposal_id = _clean(world)
    with pytest.raises(Refused):
        _assign(world, [proposal_id], world.users[name])
    assert _count(ScreeningCase) == 0


def test_what_needs_a_person_is_counted(round_: dict[str, int], world: World) -> None:
    before = count_attention(db.session())[world.call_id]
    _assign(world, [round_["Doubtful"]], world.users["secretariat"])
    after = count_attention(db.session())[world.call_id]
    assert after.waiting == before.waiting
    assert after.unattended == before.unattended - 1


# Orders for many


def _plan(world: World, order: BulkOrder, ids: list[int]) -> Any:
    return plan_bulk(db.session(), world.actor("secretariat"), _call(), order, ids)


def _carry_out(world: World, order: BulkOrder, ids: list[int], fingerprint: str) -> Any:
    call = _call()
    with open_work(world.actor("secretariat"), NOW) as work:
        return carry_out(work, call, order, ids, fingerprint)


def _judging(outcome: Outcome = Outcome.PASSES, rule: str = "integration", reason: str = WHY) -> BulkOrder:
    return BulkOrder(Errand.OVERRIDE, rule=rule, outcome=outcome, reason=reason)


def _decide(proposal_id: int) -> None:
    with open_work(SYSTEM, NOW) as work:
        work.session.get_one(Proposal, proposal_id).state = "approved"


def _return(proposal_id: int) -> None:
    with open_work(SYSTEM, NOW) as work:
        work.session.get_one(Proposal, proposal_id).state = "returned"


def test_one_judgement_for_many(round_: dict[str, int], world: World) -> None:
    """What can be judged is; what cannot is named with its reason and left as it was."""
    decided, returned = _doubtful(world), _doubtful(world)
    _decide(decided)
    _return(returned)
    ids = [*round_.values(), decided, returned, 999_999]
    plan = _plan(world, _judging(), ids)
    assert [s.proposal_id for s in plan.doable] == [round_["Doubtful"], round_["Failing"]]
    barred = {s.proposal_id: s.bar.en for s in plan.barred}
    assert barred == {
        round_["Clean"]: "The rule concludes so by itself",
        round_["Judged"]: "It is judged so already",
        decided: ALREADY_DECIDED.en,
        returned: "This proposal is out for revision; it is screened again when the agency has filed it again",
    }
    overrides = _count(ScreeningOverride)
    assert _count(ScreeningOverride) == overrides  # a plan writes nothing
    promised = {s.proposal_id: s.after for s in plan.doable}
    _carry_out(world, _judging(), ids, plan.fingerprint)
    assert _count(ScreeningOverride) == overrides + 2
    for proposal_id, after in promised.items():
        assert {
            "Passes": "passed",
            "Needs a person": "questioned",
            "Fails": "failed",
        }[after.en] == _state(proposal_id)
        (entry,) = _entries(proposal_id, "override_finding")
        assert "integration" in entry.detail
    assert (_state(decided), _state(returned)) == ("approved", "returned")


def test_what_a_judgement_replaces_is_said(round_: dict[str, int], world: World) -> None:
    plan = _plan(world, _judging(Outcome.FAILS), [round_["Judged"]])
    (step,) = plan.doable
    assert [r.en for r in step.remarks] == [
        "Counts as integration: Passes → Fails",
        "Replaces the judgement of Person secretariat: Passes",
    ]
    _carry_out(world, plan.order, [round_["Judged"]], plan.fingerprint)
    assert _state(round_["Judged"]) == "failed"


@pytest.mark.parametrize(
    ("order", "error"),
    [
        (_judging(rule="form-1"), Refused),  # it only informs
        (_judging(rule="nonsense"), NotFound),
        (_judging(reason="สั้น"), Refused),
        (replace(_judging(), outcome=None), NotFound),
        (BulkOrder(Errand.ASSIGN), Refused),
        (BulkOrder(Errand.ASSIGN, assignee_id=999_999), Refused),
    ],
)
def test_an_order_says_enough(
    round_: dict[str, int], world: World, order: BulkOrder, error: type[Exception]
) -> None:
    with pytest.raises(error):
        _plan(world, order, list(round_.values()))


@pytest.mark.parametrize(("ids", "place"), [([], "picked"), ([999_999], "picked")])
def test_an_order_is_for_something(app: Flask, world: World, ids: list[int], place: str) -> None:
    with pytest.raises(Refused) as refusal:
        _plan(world, BulkOrder(Errand.RERUN), ids)
    assert refusal.value.problems[0].place == place


def test_an_order_has_a_bound(app: Flask, world: World) -> None:
    proposal_id = _clean(world)
    most = [proposal_id, *range(1_000_000, 1_000_000 + MOST_AT_ONCE - 1)]
    assert len(_plan(world, BulkOrder(Errand.RERUN), most).steps) == 1
    for ask in (_plan, lambda w, o, ids: _carry_out(w, o, ids, "x")):
        with pytest.raises(Refused, match="At most 1,000"):
            ask(world, BulkOrder(Errand.RERUN), [*most, 2_000_000])


def _assign_order(world: World) -> BulkOrder:
    return BulkOrder(Errand.ASSIGN, assignee_id=world.users["secretariat"])


@pytest.mark.parametrize("what", ["judge", "rerun", "assign", "state", "taken back", "order", "ids"])
def test_nothing_is_done_when_anything_changed(round_: dict[str, int], world: World, what: str) -> None:
    """Whatever happened between the preview and the confirmation: nothing is written, and the new plan is another."""
    ids = list(round_.values())
    order = _assign_order(world) if what in ("assign", "order") else _judging()
    plan, asked, asked_ids = _plan(world, order, ids), order, ids
    with open_work(world.actor("secretariat"), NOW) as work:
        if what == "judge":
            override_finding(work, round_["Doubtful"], "integration", Outcome.FAILS, WHY)
        elif what == "rerun":
            screen_proposal(work, round_["Failing"])
        elif what == "assign":
            assign_cases(work, [round_["Doubtful"]], world.users["secretariat"])
        elif what == "state":
            work.session.get_one(Proposal, round_["Doubtful"]).state = "returned"
    if what == "taken back":
        with open_work(world.actor("officer"), NOW) as work:
            withdraw_proposal(work, round_["Failing"])
    if what == "order":
        asked = BulkOrder(Errand.RELEASE)
    if what == "ids":
        asked_ids = ids[:-1]
    before = (_count(ScreeningOverride), _count(ScreeningCase), _count(ScreeningRun), _count(AuditEntry))
    states = [_state(i) for i in ids]
    with pytest.raises(Stale) as stale:
        _carry_out(world, asked, asked_ids, plan.fingerprint)
    assert stale.value.text == CHANGED_MEANWHILE
    assert [_state(i) for i in ids] == states
    after = (_count(ScreeningOverride), _count(ScreeningCase), _count(ScreeningRun), _count(AuditEntry))
    assert after == before
    fresh = _plan(world, asked, asked_ids)
    assert fresh.fingerprint != plan.fingerprint
    _carry_out(world, asked, asked_ids, fresh.fingerprint)


def test_what_does_not_matter_does_not_disturb(round_: dict[str, int], world: World) -> None:
    """A note, or another filing, changes nothing of the plan; the ids may come in any order."""
    ids = [round_["Doubtful"], round_["Failing"]]
    plan = _plan(world, _judging(), ids)
    with open_work(world.actor("secretariat"), NOW) as work:
        add_note(work, ids[0], "บันทึก")
    _clean(world)
    assert _plan(world, _judging(), ids[::-1]).fingerprint == plan.fingerprint
    _carry_out(world, _judging(), ids[::-1], plan.fingerprint)


def test_all_or_nothing(round_: dict[str, int], world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second judgement cannot be kept: the first is not kept either."""
    ids = [round_["Doubtful"], round_["Failing"]]
    plan = _plan(world, _judging(), ids)
    states, overrides = [_state(i) for i in ids], _count(ScreeningOverride)
    kept = []

    def stumbling(*args: Any) -> None:
        kept.append(real(*args))
        if len(kept) == 2:
            raise RuntimeError("no room")

    real = bulk_orders.stand_beside
    monkeypatch.setattr(bulk_orders, "stand_beside", stumbling)
    with pytest.raises(RuntimeError):
        _carry_out(world, _judging(), ids, plan.fingerprint)
    db.session.rollback()
    assert [_state(i) for i in ids] == states
    assert _count(ScreeningOverride) == overrides


def test_an_order_nothing_can_be_done_by_is_refused(round_: dict[str, int], world: World) -> None:
    plan = _plan(world, _judging(), [round_["Clean"]])
    assert not plan.doable
    with pytest.raises(Refused) as refusal:
        _carry_out(world, _judging(), [round_["Clean"]], plan.fingerprint)
    assert refusal.value.text == NOTHING_TO_DO


def test_many_are_handed_over_and_taken_away(round_: dict[str, int], world: World) -> None:
    ids = list(round_.values())
    decided = _clean(world)
    _decide(decided)
    order = _assign_order(world)
    plan = _plan(world, order, [*ids, decided])
    assert {s.proposal_id: s.bar.en for s in plan.barred} == {
        round_["Clean"]: "This person looks after it already",
        decided: ALREADY_DECIDED.en,
    }
    assert {(s.before.en, s.after.en) for s in plan.doable} == {("Nobody", "Person secretariat")}
    _carry_out(world, order, [*ids, decided], plan.fingerprint)
    release = BulkOrder(Errand.RELEASE)
    plan = _plan(world, release, [*ids, decided])
    assert [s.proposal_id for s in plan.barred] == [decided]
    _carry_out(world, release, [*ids, decided], plan.fingerprint)
    cases = db.session().scalars(select(ScreeningCase.assignee_id)).all()
    assert cases == [None] * 4


def test_some_are_screened_again(round_: dict[str, int], world: World) -> None:
    """What was filed since is known now, and the plan says so; after that the same is promised and found. Others of
    the call are left alone."""
    ids = [round_["Doubtful"], round_["Judged"]]
    order = BulkOrder(Errand.RERUN)
    other = find_latest_run(db.session(), round_["Failing"])
    first = _plan(world, order, ids)
    assert not first.doable[0].is_same  # the first filing had no others to compare its prices with
    _carry_out(world, order, ids, first.fingerprint)
    plan = _plan(world, order, ids)
    unchanged = [(step.is_same, [remark.en for remark in step.remarks]) for step in plan.doable]
    assert unchanged == [(True, ["Every rule finds what it found before"])] * 2
    runs, states = _count(ScreeningRun), [_state(i) for i in ids]
    _carry_out(world, order, ids, plan.fingerprint)
    assert _count(ScreeningRun) == runs + 2
    assert [_state(i) for i in ids] == states
    assert find_latest_run(db.session(), round_["Failing"]) == other
    judged = find_latest_run(db.session(), round_["Judged"])
    assert judged is not None
    assert [o.reason for o in judged.overrides] == [WHY]  # a person's word goes along
    assert all(len(_entries(i, "screen_proposal")) == 3 for i in ids)


def test_what_another_run_would_find_is_promised(round_: dict[str, int], world: World) -> None:
    """Another run finds something else: the plan names the rules, and that is what comes about."""
    with open_work(SYSTEM, NOW) as work:  # as if the first run had gone by other rules
        run = find_latest_run(work.session, round_["Failing"])
        assert run is not None
        row = work.session.scalars(
            select(ScreeningFinding).where(
                ScreeningFinding.run_id == run.id, ScreeningFinding.rule == "integration"
            )
        ).one()
        row.outcome, row.content = "passes", '{"places":[],"reason":"form_one","values":{}}'
        work.session.get_one(Proposal, round_["Failing"]).state = "passed"
    order = BulkOrder(Errand.RERUN)
    (step,) = _plan(world, order, [round_["Failing"]]).doable
    assert (step.before.en, step.after.en) == ("Passes", "Fails")
    assert "Counts as integration: Passes → Fails" in [r.en for r in step.remarks]
    _carry_out(world, order, [round_["Failing"]], _plan(world, order, [round_["Failing"]]).fingerprint)
    assert _state(round_["Failing"]) == "failed"


def test_a_judgement_is_on_the_run_that_was_read(round_: dict[str, int], world: World) -> None:
    run = find_latest_run(db.session(), round_["Doubtful"])
    assert run is not None
    with open_work(world.actor("secretariat"), NOW) as work:
        screen_proposal(work, round_["Doubtful"])
    with pytest.raises(Stale), open_work(world.actor("secretariat"), NOW) as work:
        override_finding(work, round_["Doubtful"], "integration", Outcome.PASSES, WHY, run_id=run.id)
    with pytest.raises(Refused) as refusal, open_work(world.actor("secretariat"), NOW) as work:
        override_finding(work, round_["Doubtful"], "form-1", Outcome.PASSES, WHY)
    assert refusal.value.text == ONLY_INFORMS
