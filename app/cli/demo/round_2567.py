"""The FY2567 round, made up: what is filed, how it is screened and scored, and what the committee decides.

Only the frame is real: the window, and 78 projects of 51 agencies agreed at 5,523,911,000.00 baht in all. The round is
built backwards from it: reviews are thrown first, so the order of the ranked list is known; then proposals of the
right agencies are put into the order, and their amounts chosen so that walking down the list under the ceiling ends
with exactly these 78. Everything follows from one seed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from app.calls.facts import Rubric
from app.cli.demo.budgets import HUNDRED_BAHT, MILLION_BAHT
from app.cli.demo.dice import Dice
from app.cli.demo.scoring import BODIES, Slot, make_slots
from app.cli.demo.subjects import Subject, read_subjects, skill_subject, verdicts
from app.cli.demo.writing import Flaw, Idea, write_draft
from app.decisions.facts import Verdict
from app.kernel.lean import dataclass
from app.kernel.money import SATANG_PER_BAHT
from app.proposals.drafts import Draft
from app.reviews.rules import mean, spread_hundredths

SEED = "dgi-2567"
CEILING = 570_000_000_000
APPROVED_TOTAL = 552_391_100_000
APPROVED_PROJECTS = 78
APPROVED_AGENCIES = 51
LEADING_AGENCIES = 46
SOUND = 95
LEFT_OVER = 41_230_000  # what the ceiling still holds at the end of the list: less than any project asks
TOO_LARGE_AT = (75, 78)  # places in the ranked list where a project exceeds what is left
LAST_PLACE_IN = 79
REDUCIBLE_AT = (5, 22, 41, 63, *TOO_LARGE_AT)  # places of those that say with how much less they would work
CUT_PROJECTS = 24
CONDITIONAL = 9

# million baht a project of each kind asks for, from and to
RANGES = {
    "skill": (1, 14),
    "standard": (4, 30),
    "open": (5, 60),
    "link": (8, 140),
    "service": (12, 220),
    "platform": (40, 420),
    "infra": (120, 460),
}

# proposals that fail screening, and how; the doubtful ones fail by the secretariat's word
FAILING = (
    *[Flaw.OWN_AGENCY] * 5,
    *[Flaw.CHARGED] * 4,
    *[Flaw.TOO_FEW_USERS] * 4,
    *[Flaw.OWN_USE_ONLY] * 2,
    *[Flaw.PRIVATE_PARTNER] * 2,
    Flaw.OTHER_CURRICULUM,
)
# doubtful ones the secretariat lets pass
DOUBTFUL_IN = (Flaw.STATE_ENTERPRISE, Flaw.STATE_ENTERPRISE, Flaw.OTHER_CURRICULUM)
# doubts about other things than integration, or about what a partner has still to say; all let pass
JUDGED_IN = (
    *[Flaw.UNCONFIRMED] * 3,
    *[Flaw.BARE_SERVER] * 3,
    *[Flaw.VAGUE_INDICATOR] * 2,
    Flaw.SLOW_START,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the committee says. `amount` is satang, 0 when not granted."""

    verdict: Verdict
    amount: int
    reason: str = ""
    conditions: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """A proposal and all that happens to it; without a slot it does not pass screening."""

    idea: Idea
    slot: Slot | None = None
    outcome: Outcome | None = None


@lru_cache(maxsize=2)
def make_round(rubric: Rubric) -> tuple[Story, ...]:
    """Every story of the round, in the order of filing."""
    dice = Dice(SEED)
    winners, others = _choose_subjects(dice)
    slots = sorted(make_slots(dice, rubric, SOUND), key=_place)
    in_places = [p for p in range(LAST_PLACE_IN + 1) if p not in TOO_LARGE_AT]
    out_places = [*TOO_LARGE_AT, *range(LAST_PLACE_IN + 1, SOUND)]
    ideas: dict[int, Idea] = _seat(dice, winners, in_places, slots)
    bodies = {body.value for body in BODIES}
    large_first = sorted(
        others, key=lambda i: i.subject.kind not in ("platform", "infra") or i.lead in bodies
    )
    losers, failing = _share_out(dice, large_first, len(out_places))
    ideas |= _seat(dice, losers[:2], out_places[:2], slots)
    ideas |= _seat(dice, losers[2:], out_places[2:], slots)
    amounts = _choose_amounts(dice, {p: ideas[p].subject for p in ideas})
    outcomes = _decide(dice, amounts, in_places)
    stories = [
        Story(replace(ideas[p], amount=amounts[p], reducible=p in REDUCIBLE_AT), slots[p], outcomes[p])
        for p in sorted(ideas)
    ]
    stories += [Story(replace(idea, amount=draw_amount(dice, idea.subject))) for idea in failing]
    return _with_doubts(dice.shuffled(stories))


def draft_of(n: int, idea: Idea) -> Draft:
    """The draft of the n-th story."""
    return write_draft(Dice(f"2567-{n}"), idea)


def _with_doubts(stories: list[Story]) -> tuple[Story, ...]:
    """Give doubts a person must judge, and lets pass, to sound proposals they can befall."""
    free = [n for n, s in enumerate(stories) if s.slot and s.idea.flaw is Flaw.NONE]
    for flaw in JUDGED_IN:
        for n in free:
            idea = stories[n].idea
            if _can_befall(flaw, idea, draft_of(n, idea)):
                stories[n] = replace(stories[n], idea=replace(idea, flaw=flaw))
                free.remove(n)
                break
    return tuple(stories)


def _can_befall(flaw: Flaw, idea: Idea, draft: Draft) -> bool:
    rows = draft["budget"]["rows"]
    if flaw is Flaw.BARE_SERVER:
        return any("แม่ข่าย" in row["item"] for row in rows)
    if flaw is Flaw.SLOW_START:
        return bool(rows[0]["category"] == "capital")
    return flaw is not Flaw.UNCONFIRMED or draft["integration"]["forms"] == ["link"]


def _place(slot: Slot) -> tuple[object, ...]:
    """The order of the ranked list, as far as scores decide it."""
    return -(mean(slot.panel) or 0), spread_hundredths(slot.panel)


def _choose_subjects(dice: Dice) -> tuple[list[Idea], list[Idea]]:
    """(the 78 that will be agreed, all others), without amounts; the 78 are of exactly 51 agencies."""
    by_agency: dict[str, list[Subject]] = {}
    for subject in read_subjects():
        by_agency.setdefault(subject.agency, []).append(subject)
    several = [a for a, subjects in by_agency.items() if len(subjects) > 1]
    singles = dice.shuffled([a for a, subjects in by_agency.items() if len(subjects) == 1])
    count = LEADING_AGENCIES - len(several)
    leads, rest = [*several, *singles[:count]], singles[count:]
    first = [by_agency[a][0] for a in leads]
    more = [s for a in leads for s in by_agency[a][1:]]
    skills = [skill_subject(a) for a in dice.some(leads, 8)]
    more = dice.shuffled([*more, *skills])
    wanted = APPROVED_PROJECTS - len(first)
    # the one with another curriculum must be among the agreed
    more.sort(key=lambda s: s.kind != "skill")
    winners, spare = [*first, *more[:wanted]], more[wanted:]
    joining = [a for a in rest if any(a in s.partners for s in winners)]
    joining = joining[: APPROVED_AGENCIES - LEADING_AGENCIES]
    allowed = {*leads, *joining}
    ideas = _add_participants(dice, winners, allowed, joining)
    others = [*spare, *(s for a in rest for s in by_agency[a])]
    others += [skill_subject(a) for a in rest[:4]]
    return _make_doubtful(dice, ideas), [Idea(s, (), 0) for s in others]


def _add_participants(
    dice: Dice, subjects: list[Subject], allowed: set[str], must_join: list[str]
) -> list[Idea]:
    """Some partners ask for money of their own; those who must join do so where they are partners."""
    waiting = set(must_join)
    bodies = {body.value for body in BODIES}
    ideas = []
    for subject in subjects:
        eligible = [p for p in subject.partners if p in allowed and p not in bodies]
        due = [p for p in eligible if p in waiting]
        waiting -= set(due)
        joining = due or (dice.some(eligible, dice.between(1, 3)) if dice.chance(30) else [])
        ideas.append(Idea(subject, tuple(joining), 0))
    return ideas


def _make_doubtful(dice: Dice, ideas: list[Idea]) -> list[Idea]:
    """Give the flaws a person must judge to proposals they can befall."""
    ideas = dice.shuffled(ideas)
    for flaw in DOUBTFUL_IN:
        kinds = ("skill",) if flaw is Flaw.OTHER_CURRICULUM else ("link", "service")
        n = next(
            n
            for n, idea in enumerate(ideas)
            if idea.subject.kind in kinds and not idea.flaw and not idea.participants
        )
        ideas[n] = replace(ideas[n], flaw=flaw)
    return ideas


def _share_out(dice: Dice, ideas: list[Idea], out: int) -> tuple[list[Idea], list[Idea]]:
    """(proposals that pass but do not fit, large kinds first; proposals that fail, each with its flaw)."""
    large, rest = ideas[:2], dice.shuffled(ideas[2:])
    skilled = next(idea for idea in rest if idea.subject.kind == "skill")
    rest.remove(skilled)
    losers = [*large, *rest[: out - 2]]
    candidates = [i for i in rest[out - 2 :] if i.subject.kind not in ("skill", "standard")]
    flaws = [f for f in FAILING if f is not Flaw.OTHER_CURRICULUM]
    failing = [replace(i, flaw=f) for i, f in zip(candidates, flaws, strict=False)]
    return losers, [*failing, replace(skilled, flaw=Flaw.OTHER_CURRICULUM)]


def _seat(dice: Dice, ideas: list[Idea], places: Iterable[int], slots: list[Slot]) -> dict[int, Idea]:
    """Put proposals into places of the ranked list so that no body reviews its own."""
    free = dice.shuffled(list(places))
    seated: dict[int, Idea] = {}
    bodies = {body.value: body for body in BODIES}
    for idea in sorted(ideas, key=lambda i: not bodies.keys() & set(i.agencies)):
        own = {bodies[a] for a in idea.agencies if a in bodies}
        place = next(p for p in free if own <= {slots[p].without})
        free.remove(place)
        seated[place] = idea
    return seated


def draw_amount(dice: Dice, subject: Subject) -> int:
    """What a project of this kind asks for, satang, to ten thousand baht."""
    low, high = RANGES[subject.kind]
    return dice.low_between(low * 100, high * 100) * (MILLION_BAHT // 100)


def _choose_amounts(dice: Dice, subjects: dict[int, Subject]) -> dict[int, int]:
    """Amounts by place: the agreed ones and LEFT_OVER fill the ceiling, and nobody else fits."""
    drawn = {p: draw_amount(dice, s) for p, s in sorted(subjects.items())}
    inside = [p for p in drawn if p <= LAST_PLACE_IN and p not in TOO_LARGE_AT]
    whole, target = sum(drawn[p] for p in inside), CEILING - LEFT_OVER
    for p in inside:
        drawn[p] = drawn[p] * target // whole // HUNDRED_BAHT * HUNDRED_BAHT
    drawn[max(inside, key=drawn.__getitem__)] += target - sum(drawn[p] for p in inside)
    for p in TOO_LARGE_AT:
        left = LEFT_OVER + sum(drawn[q] for q in inside if q > p)
        drawn[p] = (left + dice.between(12, 60) * MILLION_BAHT) // MILLION_BAHT * MILLION_BAHT
    return drawn


def _decide(dice: Dice, amounts: dict[int, int], inside: list[int]) -> dict[int, Outcome]:
    """The committee's word for every place; cuts bring the agreed total to the published figure."""
    words = verdicts()["committee"]
    cuts = _cut(dice, amounts, inside)
    conditional = set(dice.some(inside, CONDITIONAL))
    outcomes = {}
    for p in sorted(amounts):
        if p in TOO_LARGE_AT:
            outcomes[p] = Outcome(Verdict.DEFERRED, 0, words["too_large"])
        elif p not in inside:
            verdict = Verdict.DEFERRED if dice.chance(60) else Verdict.REJECTED
            outcomes[p] = Outcome(verdict, 0, words[verdict.value])
        else:
            reason = dice.pick(words["cuts"]) if p in cuts else ""
            amount = amounts[p] - cuts.get(p, 0)
            if p in conditional:
                outcomes[p] = Outcome(Verdict.CONDITIONAL, amount, reason, dice.pick(words["conditions"]))
            else:
                outcomes[p] = Outcome(Verdict.APPROVED, amount, reason)
    return outcomes


def _cut(dice: Dice, amounts: dict[int, int], inside: list[int]) -> dict[int, int]:
    """What is taken from each cut project, in thousands of baht; the largest cut takes the odd rest."""
    step = 1000 * SATANG_PER_BAHT
    sizeable = [p for p in inside if amounts[p] > 20 * MILLION_BAHT]
    chosen = dice.some(sizeable, CUT_PROJECTS)
    wished = {p: amounts[p] * dice.between(3, 14) // 100 for p in chosen}
    whole, target = sum(wished.values()), CEILING - LEFT_OVER - APPROVED_TOTAL
    cuts = {p: w * target // whole // step * step for p, w in wished.items()}
    cuts[max(cuts, key=cuts.__getitem__)] += target - sum(cuts.values())
    return cuts
