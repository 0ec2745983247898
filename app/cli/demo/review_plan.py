"""Beside the scores that count in FY2567: who was asked before, what was given first, and what was talked about.

The ranked list is thrown first and must come out as it is (`round_2567`), so everything here is worked out backwards from
the scores that count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field

from app.cli.demo.dice import Dice
from app.cli.demo.round_2567 import Story
from app.cli.demo.scoring import PER_BODY, Reviewer, Sheet
from app.kernel.lean import dataclass
from app.reviews.rules import spread_hundredths
from app.reviews.threads import Conclusion

SEED = "dgi-2567-reviews"
DECLINED, RECUSED = 5, 2
RESCORED = 4
FURTHER = 2  # levels by which somebody's first scores lay below those that count

Place = tuple[int, Reviewer]  # number of the story, who scores it in the end


@dataclass(frozen=True, slots=True)
class Talk:
    """A discussion: what it comes to, and which of the written talks is held. `apart` is who scored unlike the others,
    where the first scores are not those that count."""

    conclusion: Conclusion
    text: int
    apart: Reviewer | None = None


@dataclass(slots=True)
class ReviewPlan:
    """What happens around the scores that count. `asked_before` has who declined or was recused from a place, with
    whether it was a conflict of interest; `first` what was handed in before the scores that count."""

    asked_before: dict[Place, tuple[Reviewer, bool]] = field(default_factory=dict)
    first: dict[Place, Sheet] = field(default_factory=dict)
    talks: dict[int, Talk] = field(default_factory=dict)
    mistaken: Place | None = None  # reopened, because a level stood in the wrong line


def plan_reviews(stories: Sequence[Story]) -> ReviewPlan:
    """Everything beside the scores that count; the same every time."""
    dice, plan = Dice(SEED), ReviewPlan()
    reviewed = [n for n, story in enumerate(stories) if story.slot is not None]
    _plan_talks(stories, dice.shuffled(reviewed), plan)
    free = [n for n in dice.shuffled(reviewed) if n not in plan.talks]
    for turn, n in enumerate(free[: DECLINED + RECUSED]):
        reviewer = _sheets(stories, n)[turn % 3].reviewer
        other = Reviewer(reviewer.body, (reviewer.number + 1) % PER_BODY)
        plan.asked_before[n, reviewer] = (other, turn >= DECLINED)
    plan.mistaken = _plan_mistake(stories, free[DECLINED + RECUSED :], plan)
    return plan


def _sheets(stories: Sequence[Story], n: int) -> tuple[Sheet, ...]:
    slot = stories[n].slot
    assert slot is not None
    return slot.sheets


def _spread(stories: Sequence[Story], n: int) -> int:
    slot = stories[n].slot
    assert slot is not None
    return spread_hundredths(slot.panel) or 0


def _plan_talks(stories: Sequence[Story], order: Sequence[int], plan: ReviewPlan) -> None:
    """Where somebody scored far below the others at first, and where the scores that count still lie furthest apart."""
    for n, sheet in _lowerable(stories, order):
        levels = {code: level - FURTHER for code, level in sheet.levels.items()}
        plan.first[n, sheet.reviewer] = Sheet(sheet.reviewer, levels)
        plan.talks[n] = Talk(Conclusion.RESCORE, len(plan.talks), sheet.reviewer)
        if len(plan.talks) == RESCORED:
            break
    widest = sorted(order, key=lambda n: (-_spread(stories, n), n))
    left = [n for n in widest if n not in plan.talks]
    for n, conclusion in zip(left, (Conclusion.MEETING, Conclusion.STANDS, Conclusion.STANDS), strict=False):
        plan.talks[n] = Talk(conclusion, len(plan.talks))


def _lowerable(stories: Sequence[Story], order: Sequence[int]) -> Iterator[tuple[int, Sheet]]:
    """Proposals with somebody whose every level can lie lower, one of different people each."""
    met: set[Reviewer] = set()
    for n in order:
        for sheet in _sheets(stories, n):
            levels = sorted(sheet.levels.values())
            if levels[0] >= FURTHER and levels[-2] > FURTHER and sheet.reviewer not in met:
                met.add(sheet.reviewer)
                yield n, sheet
                break


def _plan_mistake(stories: Sequence[Story], free: Sequence[int], plan: ReviewPlan) -> Place:
    """Two criteria whose levels were entered the wrong way round."""
    for n in free:
        for sheet in _sheets(stories, n):
            one, other = list(sheet.levels)[:2]
            if sheet.levels[one] != sheet.levels[other]:
                changed = {one: sheet.levels[other], other: sheet.levels[one]}
                plan.first[n, sheet.reviewer] = Sheet(sheet.reviewer, sheet.levels | changed)
                return n, sheet.reviewer
    raise LookupError("no review with two different levels")
