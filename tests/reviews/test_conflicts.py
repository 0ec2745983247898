"""Who is partial: every ground, what a word does to it, and that it is asked wherever somebody would read or decide."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest

from app.reviews.conflicts import (
    BARRING,
    JUDGED,
    TIE_NAMES,
    Ground,
    Stake,
    Statement,
    Ties,
    Verdict,
    ids_in,
    infer,
    judge,
    judge_at_meeting,
)

AT = datetime(2025, 11, 20, tzinfo=UTC)
LEAD, PARTICIPANT, PARTNER, ELSEWHERE = 1, 2, 3, 4
OURS, THEIRS = 10, 20  # ministries
STAKE = Stake(LEAD, frozenset({PARTICIPANT}), frozenset({OURS}), frozenset({PARTNER}))
CLEAR, ASKED, BARRED = Verdict.CLEAR, Verdict.ASKED, Verdict.BARRED


def ties(*agencies: int, ministry: int = THEIRS, office: bool = False, **declared: int) -> Ties:
    """Somebody of these agencies; `former=1` and the like declare a tie with an agency."""
    return Ties(
        frozenset(agencies),
        frozenset({ministry}) if agencies else frozenset(),
        frozenset((Ground(tie), agency) for tie, agency in declared.items()),
        office,
    )


# who -> the evidence of every ground found, in the order it is told, and where it leaves them with nobody's word
INFERRED: list[tuple[Ties, list[str], Verdict]] = [
    (ties(), [], CLEAR),
    (ties(ELSEWHERE), [], CLEAR),
    (ties(LEAD), ["membership:1"], BARRED),
    (ties(LEAD, ministry=OURS), ["membership:1"], BARRED),  # its ministry says nothing more
    (ties(ELSEWHERE, LEAD), ["membership:1"], BARRED),
    (ties(PARTICIPANT), ["participation:2"], BARRED),
    (ties(LEAD, PARTICIPANT), ["membership:1", "participation:2"], BARRED),
    (ties(ELSEWHERE, ministry=OURS), ["ministry:10"], ASKED),
    (ties(PARTNER), ["link:3"], ASKED),
    (ties(PARTNER, ministry=OURS), ["ministry:10", "link:3"], ASKED),
    (ties(ELSEWHERE, former=LEAD), ["former:1"], ASKED),
    (ties(ELSEWHERE, former=PARTICIPANT), ["former:2"], ASKED),
    (ties(ELSEWHERE, former=PARTNER), [], CLEAR),  # a partner's link is no stake of who left it
    (ties(ELSEWHERE, family=LEAD), ["family:1"], ASKED),
    (ties(ELSEWHERE, financial=PARTICIPANT), ["financial:2"], ASKED),
    (ties(ELSEWHERE, other=LEAD), ["other:1"], ASKED),
    (ties(family=LEAD, financial=LEAD), ["family:1", "financial:1"], ASKED),
    (ties(ELSEWHERE, office=True), ["office:"], BARRED),
    (ties(ELSEWHERE, ministry=OURS, office=True), ["office:", "ministry:10"], BARRED),
    (ties(LEAD, office=True, former=PARTICIPANT), ["membership:1", "office:", "former:2"], BARRED),
]


@pytest.mark.parametrize(("who", "grounds", "verdict"), INFERRED)
def test_what_the_registers_say(who: Ties, grounds: list[str], verdict: Verdict) -> None:
    assert [i.evidence for i in infer(who, STAKE)] == grounds
    standing = judge(who, STAKE)
    assert standing.verdict is verdict
    assert standing.is_clear is (verdict is CLEAR)
    assert (standing.decisive is None) is standing.is_clear


@pytest.mark.parametrize(("who", "grounds", "verdict"), INFERRED)
def test_at_the_meeting_the_office_is_no_ground(who: Ties, grounds: list[str], verdict: Verdict) -> None:
    standing = judge_at_meeting(who, STAKE)
    assert [g.evidence for g in standing.grounds] == [g for g in grounds if g != "office:"]
    assert Ground.OFFICE not in {g.ground for g in standing.grounds}


def said(evidence: str, is_conflict: bool, reason: str = "เหตุผล") -> Statement:
    ground = Ground(evidence.partition(":")[0])
    return Statement(ground, evidence if ":" in evidence else "", is_conflict, reason, AT, 9)


# who, the words in the order they were given -> where it leaves them
WORDS: list[tuple[Ties, list[Statement], Verdict]] = [
    (ties(ELSEWHERE, ministry=OURS), [said("ministry:10", False)], CLEAR),
    (ties(ELSEWHERE, ministry=OURS), [said("ministry:10", True)], BARRED),
    (ties(ELSEWHERE, ministry=OURS), [said("ministry:10", True), said("ministry:10", False)], CLEAR),
    (ties(ELSEWHERE, ministry=OURS), [said("ministry:10", False), said("ministry:10", True)], BARRED),
    (ties(ELSEWHERE, ministry=OURS), [said("ministry:11", False)], ASKED),  # a word about another ministry
    (ties(ELSEWHERE, ministry=OURS), [said("former:1", False)], ASKED),
    (ties(PARTNER, ministry=OURS), [said("ministry:10", False)], ASKED),  # the link still wants one
    (ties(PARTNER, ministry=OURS), [said("ministry:10", False), said("link:3", False)], CLEAR),
    (ties(PARTNER, ministry=OURS), [said("ministry:10", False), said("link:3", True)], BARRED),
    (ties(family=LEAD, financial=LEAD), [said("family:1", False)], ASKED),  # money is another matter
    # what bars by itself cannot be talked away
    (ties(LEAD), [said("membership:1", False)], BARRED),
    (ties(PARTICIPANT), [said("participation:2", False)], BARRED),
    (ties(office=True), [said("office:", False)], BARRED),
    # the person's own word
    (ties(ELSEWHERE), [said("declared", True)], BARRED),
    (ties(ELSEWHERE), [said("declared", False)], CLEAR),
    (ties(ELSEWHERE), [said("declared", True), said("declared", False)], CLEAR),
    (ties(ELSEWHERE, ministry=OURS), [said("declared", False)], ASKED),  # saying no conflict is no judgement
    (ties(LEAD), [said("declared", False)], BARRED),
    # a conflict once judged holds when the register no longer shows it, until a person takes it back
    (ties(ELSEWHERE), [said("former:1", True)], BARRED),
    (ties(ELSEWHERE), [said("former:1", True), said("former:1", False)], CLEAR),
    (ties(ELSEWHERE), [said("former:1", False)], CLEAR),
    (ties(ELSEWHERE), [said("found", True)], BARRED),
    (ties(ELSEWHERE), [said("found", True), said("found", False)], CLEAR),
    # the register shows something else now: both are asked
    (ties(ELSEWHERE, former=LEAD), [said("former:1,2", True)], BARRED),
    (ties(ELSEWHERE, former=LEAD), [said("former:1,2", False)], ASKED),
]


@pytest.mark.parametrize(("who", "words", "verdict"), WORDS)
def test_what_a_word_does(who: Ties, words: list[Statement], verdict: Verdict) -> None:
    assert judge(who, STAKE, words).verdict is verdict
    if not who.holds_office:
        assert judge_at_meeting(who, STAKE, words).verdict is verdict


def test_the_last_word_and_what_it_rests_on_are_kept_with_the_ground() -> None:
    words = [said("former:1", True, "ก่อน"), said("former:1", False, "หลัง")]
    (ground,) = judge(ties(ELSEWHERE, former=LEAD), STAKE, words).grounds
    assert ground.said is words[1]
    assert (ground.ground, ground.ids, ground.evidence) == (Ground.FORMER, frozenset({LEAD}), "former:1")
    (kept,) = judge(ties(ELSEWHERE), STAKE, [said("link:2,3", True)]).grounds
    assert kept.ids == frozenset({2, 3}) == ids_in("link:2,3")
    assert ids_in("found") == ids_in("office:") == frozenset()


def test_every_ground_is_either_barring_or_judged() -> None:
    assert set(Ground) == BARRING | JUDGED
    assert not BARRING & JUDGED
    assert set(TIE_NAMES) < JUDGED


def test_no_word_makes_a_ground_disappear() -> None:
    """Whatever is said, every ground the registers show stands there with its word: nothing is hidden by judging."""
    for (who, grounds, _), (_, words, _) in product(INFERRED, WORDS):
        told = [g.evidence for g in judge(who, STAKE, words).grounds]
        assert [evidence for evidence in told if evidence in grounds] == grounds
