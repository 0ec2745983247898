"""Whether the scores of a call can be compared at all: who read what, and what is missing where they cannot.

Scores of two reviewers are comparable only through proposals both read, or through a chain of such reviewers. Knows
nothing of numbers beyond counting; the arithmetic is in `additive`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from app.kernel.lean import dataclass
from app.kernel.text import Text

# two unknowns are estimated with every reviewer (the level, and a share of the noise); with fewer scores than three the
# level would be nothing but the scores themselves
LEAST_SCORES = 3
# one review says nothing about how far reviewers differ; where most proposals have no second one, nothing does
LEAST_REVIEWS = 2
# what is left over for the noise once every proposal and every reviewer has a value of its own; without any, an interval
# of any width would be made up
LEAST_FREEDOM = 1


@dataclass(frozen=True, slots=True)
class Rating:
    """One score of one reviewer for one proposal, by their keys. `score` in hundredths."""

    proposal: int
    reviewer: int
    score: int


class Ground(StrEnum):
    """Why scores are not calibrated."""

    EMPTY = "empty"
    DISCONNECTED = "disconnected"
    SINGLE = "single"
    FEW_SCORES = "few_scores"
    NO_FREEDOM = "no_freedom"
    NO_SIGNAL = "no_signal"
    NO_VARIANCE = "no_variance"


@dataclass(frozen=True, slots=True)
class Group:
    """Reviewers and proposals that hang together, by their keys in order."""

    reviewers: tuple[int, ...]
    proposals: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason with its evidence: what is wrong, and what would change it. `reviewers` and `groups` are those the
    reason is about; `groups` the largest first."""

    ground: Ground
    words: Text
    remedy: Text
    reviewers: tuple[int, ...] = ()
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Scores that cannot be calibrated, with every reason there is."""

    reasons: tuple[Reason, ...]


def judge_design(ratings: Sequence[Rating]) -> Refusal | None:
    """Why these scores cannot be calibrated; None where they can. Raises `ValueError` for a reviewer with two scores of
    one proposal."""
    pairs = {(r.proposal, r.reviewer) for r in ratings}
    if len(pairs) < len(ratings):
        raise ValueError("a reviewer has two scores of one proposal")
    if not ratings:
        return Refusal((_EMPTY,))
    reasons = []
    groups = find_groups(ratings)
    if len(groups) > 1:
        reasons.append(_disconnected(groups))
    reviews = Counter(r.proposal for r in ratings)
    alone = sum(n < LEAST_REVIEWS for n in reviews.values())
    if 2 * alone > len(reviews):
        reasons.append(_single(alone, len(reviews)))
    scores = Counter(r.reviewer for r in ratings)
    if few := tuple(sorted(reviewer for reviewer, n in scores.items() if n < LEAST_SCORES)):
        reasons.append(_few_scores(few))
    if len(groups) == 1 and count_freedom(ratings) < LEAST_FREEDOM:
        reasons.append(_no_freedom(len(ratings), len(reviews), len(scores)))
    return Refusal(tuple(reasons)) if reasons else None


def count_freedom(ratings: Sequence[Rating]) -> int:
    """Degrees of freedom of the noise in a connected design: scores less values estimated."""
    return len(ratings) - len({r.proposal for r in ratings}) - len({r.reviewer for r in ratings}) + 1


def find_groups(ratings: Sequence[Rating]) -> tuple[Group, ...]:
    """What hangs together, the most proposals first."""
    root: dict[tuple[bool, int], tuple[bool, int]] = {}

    def find(node: tuple[bool, int]) -> tuple[bool, int]:
        root.setdefault(node, node)
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for r in ratings:
        root[find((True, r.reviewer))] = find((False, r.proposal))
    members: dict[tuple[bool, int], tuple[list[int], list[int]]] = {}
    for node in sorted(root):
        proposals, reviewers = members.setdefault(find(node), ([], []))
        (reviewers if node[0] else proposals).append(node[1])
    groups = [Group(tuple(reviewers), tuple(proposals)) for proposals, reviewers in members.values()]
    return tuple(sorted(groups, key=lambda g: (-len(g.proposals), -len(g.reviewers), g.proposals)))


_EMPTY = Reason(
    Ground.EMPTY,
    Text("ยังไม่มีผลพิจารณาที่ส่งแล้ว", "No review is in yet"),
    Text(
        "เมื่อผู้พิจารณาส่งคะแนน หน้านี้จะปรับคะแนนให้โดยอัตโนมัติ",
        "Once reviewers hand in their scores, this page calibrates them by itself",
    ),
)
NO_SIGNAL = Reason(
    Ground.NO_SIGNAL,
    Text(
        "คะแนนของผู้พิจารณาต่อข้อเสนอเดียวกันใกล้เคียงกันไม่มากไปกว่าคะแนนต่อข้อเสนอต่างกัน จึงไม่มีข้อมูลพอจะแยกคุณภาพออกจากความคลาดเคลื่อน",
        "Reviewers agree on the same proposal no more than on different ones: the scores do not tell quality from noise",
    ),
    Text(
        "ควรให้ผู้พิจารณาหารือความหมายของเกณฑ์ร่วมกัน หรือมอบหมายผู้พิจารณาต่อข้อเสนอให้มากขึ้น",
        "Let the reviewers discuss what the criteria mean, or give each proposal more reviewers",
    ),
)

NO_VARIANCE = Reason(
    Ground.NO_VARIANCE,
    Text("ทุกคนให้คะแนนเท่ากันทุกข้อเสนอ", "Everyone gave every proposal the same score"),
    Text("เมื่อคะแนนไม่ต่างกันเลย ความสอดคล้องก็ไม่มีความหมาย", "Where nothing differs, agreement has no meaning"),
)


def _disconnected(groups: tuple[Group, ...]) -> Reason:
    n = len(groups)
    return Reason(
        Ground.DISCONNECTED,
        Text(
            f"ผู้พิจารณาแบ่งเป็น {n:,} กลุ่มที่ไม่มีข้อเสนออ่านร่วมกันเลย จึงบอกไม่ได้ว่ากลุ่มใดให้คะแนนเข้มกว่า หรือได้ข้อเสนอที่ดีกว่า",
            f"The reviewers fall into {n:,} groups with no proposal in common, so nothing tells whether a group is stricter "
            "or had better proposals",
        ),
        Text(
            f"ให้ผู้พิจารณาของกลุ่มหนึ่งอ่านข้อเสนอของอีกกลุ่มหนึ่ง อย่างน้อยอีก {n - 1:,} ผลพิจารณาจึงจะต่อกันทั้งหมด ยิ่งมากยิ่งแม่นยำ",
            f"Let reviewers of one group read proposals of another: at least {n - 1:,} more "
            f"{'review' if n == 2 else 'reviews'} would connect them all, and the more the surer",
        ),
        groups=groups,
    )


def _single(alone: int, proposals: int) -> Reason:
    return Reason(
        Ground.SINGLE,
        Text(
            f"ข้อเสนอ {alone:,} จาก {proposals:,} รายการมีผลพิจารณาเพียงรายการเดียว จึงไม่มีอะไรให้เทียบ",
            f"{alone:,} of {proposals:,} proposals have a single review, so there is nothing to compare it with",
        ),
        Text(
            f"ต้องมีข้อเสนออย่างน้อยครึ่งหนึ่งที่มีผลพิจารณาตั้งแต่ {LEAST_REVIEWS} รายการ",
            f"At least half of the proposals need {LEAST_REVIEWS} reviews or more",
        ),
    )


def _few_scores(reviewers: tuple[int, ...]) -> Reason:
    n = len(reviewers)
    return Reason(
        Ground.FEW_SCORES,
        Text(
            f"ผู้พิจารณา {n:,} คนส่งคะแนนไม่ถึง {LEAST_SCORES} ข้อเสนอ จึงประมาณความเข้มของการให้คะแนนไม่ได้",
            f"{n:,} {'reviewer has' if n == 1 else 'reviewers have'} fewer than {LEAST_SCORES} scores in, too few to tell "
            "how strictly they score",
        ),
        Text(
            f"รอให้ผู้พิจารณาเหล่านี้ส่งคะแนนอย่างน้อย {LEAST_SCORES} ข้อเสนอ หรือมอบหมายข้อเสนอเพิ่ม",
            f"Wait until they have handed in {LEAST_SCORES} scores, or assign them more proposals",
        ),
        reviewers=reviewers,
    )


def _no_freedom(scores: int, proposals: int, reviewers: int) -> Reason:
    return Reason(
        Ground.NO_FREEDOM,
        Text(
            f"คะแนน {scores:,} รายการ ของข้อเสนอ {proposals:,} รายการและผู้พิจารณา {reviewers:,} คน ไม่เหลือข้อมูลให้วัดความคลาดเคลื่อน",
            f"{scores:,} scores of {proposals:,} proposals by {reviewers:,} reviewers leave nothing over to measure the "
            "noise with",
        ),
        Text(
            f"ต้องมีคะแนนอย่างน้อย {proposals + reviewers - 1 + LEAST_FREEDOM:,} รายการ คือให้ข้อเสนอมีผู้อ่านซ้ำกันมากขึ้น",
            f"At least {proposals + reviewers - 1 + LEAST_FREEDOM:,} scores are needed: more proposals read by the same "
            "reviewers",
        ),
    )
