"""How well the overlap radar finds what is the same and leaves alone what only resembles.

In: the labelled set, on the road of live use: the search proposes, the comparison judges; what the search does not
propose is missed. Out: precision and recall at the working threshold, the curve, every miss and every false alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.cli.bench.measure import Figure
from app.cli.bench.overlap_labelled import KINDS, Labelled, LabelledSet
from app.similarity.queries.radar import CANDIDATES
from app.similarity.rules import WORKING_THRESHOLD, commonness_of, compare, said_by
from app.similarity.search import Index
from app.similarity.texts import comparable_of, search_text_of

Say = Callable[[str], None]
GOALS = {"copied": 0.95, "reordered": 0.95, "paraphrased": 0.80}
HALVES = ("half used for choosing", "half held out", "both halves")
_CURVE = (150, 200, 230, 250, 260, 270, 280, 290, 300, 320, 350, 400, 450, 500, 600, 700, 800)


@dataclass(frozen=True, slots=True)
class Judged:
    """Two proposals, whether they are the same, and their score; `proposed` says that the search found the pair."""

    one: Labelled
    other: Labelled
    same: bool
    score: int
    proposed: bool

    @property
    def half(self) -> int:
        """A positive belongs to its project's half; a pair of two families to the half of the later one."""
        return self.one.half

    @property
    def kind(self) -> str:
        if self.same:
            return self.one.planted
        if self.one.planted:
            return "planted, of another project"
        return self.one.group if self.one.group == self.other.group else "across groups"


def quality_figures(say: Say) -> list[Figure]:
    """Measure, say everything, and give the figures that have goals."""
    pairs = judge_all(LabelledSet())
    positives = sum(p.same for p in pairs)
    say(
        f"{positives} planted pairs, {len(pairs) - positives} pairs of different projects; threshold {WORKING_THRESHOLD}"
    )
    for half, name in enumerate(HALVES):
        chosen = [p for p in pairs if half in (p.half, 2)]
        found, missed, false = _counts(chosen, WORKING_THRESHOLD)
        say(f"\n{name}: precision {_share(found, found + false)}, recall {_share(found, found + missed)}")
        for kind in KINDS:
            of_kind = [p for p in chosen if p.kind == kind]
            got = sum(p.proposed and p.score >= WORKING_THRESHOLD for p in of_kind)
            alone = sum(p.score >= WORKING_THRESHOLD for p in of_kind)
            say(
                f"  {kind:<12} recall {_share(got, len(of_kind))} ({got} of {len(of_kind)}; without the search {alone})"
            )
    _say_curve(pairs, say)
    _say_wrong(pairs, say)
    return _figures(pairs)


def judge_all(labelled: LabelledSet) -> list[Judged]:
    """Every counted pair, each proposal against those filed before it as a new filing would be; what was planted only
    against the corpus, since no two copies are filed of one project."""
    comparables = {p.key: comparable_of(p.facts, p.key) for p in labelled.proposals}
    common = commonness_of(said_by(comparables[p.key]) for p in labelled.corpus)
    index = Index.build(search_text_of(comparables[p.key]) for p in labelled.corpus)
    pairs = []
    for one in labelled.proposals:
        before = [p for p in labelled.corpus if p.key < one.key]
        later = [p.key for p in labelled.corpus if p.key >= one.key]
        proposed = {c.key for c in index.against(search_text_of(comparables[one.key]), later, top=CANDIDATES)}
        for other in before:
            answer = labelled.answer(one, other)
            if answer != "uncounted":
                score = compare(comparables[one.key], comparables[other.key], common).score
                pairs.append(Judged(one, other, answer == "same", score, other.key in proposed))
    return pairs


def _counts(pairs: Sequence[Judged], threshold: int) -> tuple[int, int, int]:
    """Found, missed, false alarms."""
    told = [p for p in pairs if p.proposed and p.score >= threshold]
    found = sum(p.same for p in told)
    return found, sum(p.same for p in pairs) - found, len(told) - found


def _say_curve(pairs: Sequence[Judged], say: Say) -> None:
    say("\nthreshold  precision  recall   " + "  ".join(f"{kind:>11}" for kind in KINDS))
    for threshold in _CURVE:
        found, missed, false = _counts(pairs, threshold)
        by_kind = []
        for kind in KINDS:
            got, lost, _ = _counts([p for p in pairs if p.kind == kind], threshold)
            by_kind.append(f"{_share(got, got + lost):>11}")
        line = f"{threshold:>9}  {_share(found, found + false):>9}  {_share(found, found + missed):>6}   "
        say(line + "  ".join(by_kind))


def _say_wrong(pairs: Sequence[Judged], say: Say) -> None:
    missed = [p for p in pairs if p.same and not (p.proposed and p.score >= WORKING_THRESHOLD)]
    false = [p for p in pairs if not p.same and p.proposed and p.score >= WORKING_THRESHOLD]
    say(f"\n{len(missed)} missed")
    for p in sorted(missed, key=lambda p: (p.kind, -p.score)):
        why = "" if p.proposed else ", not proposed by the search"
        say(f"  {p.kind} {p.score}{why}: {_name(p.one)} | {_name(p.other)}")
    say(f"{len(false)} false alarms")
    for p in sorted(false, key=lambda p: (p.kind, -p.score)):
        say(f"  {p.kind} {p.score}: {_name(p.one)} | {_name(p.other)}")


def _name(labelled: Labelled) -> str:
    facts = labelled.facts
    item = facts.lines[0].item if labelled.group == "published" else ""
    return f"{labelled.family} {facts.title.th[:60]} {item[:60]}".rstrip()


def _figures(pairs: Sequence[Judged]) -> list[Figure]:
    figures = []
    for half, name in ((1, "held out"), (2, "all")):
        chosen = [p for p in pairs if half in (p.half, 2)]
        found, _, false = _counts(chosen, WORKING_THRESHOLD)
        figures.append(
            Figure(f"overlap, {name}: precision", _ratio(found, found + false), "", 0.80, "higher")
        )
        for kind in KINDS:
            got, lost, _ = _counts([p for p in chosen if p.kind == kind], WORKING_THRESHOLD)
            goal = GOALS.get(kind)
            figures.append(
                Figure(f"overlap, {name}: recall {kind}", _ratio(got, got + lost), "", goal, "higher")
            )
    return figures


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _share(part: int, whole: int) -> str:
    return f"{_ratio(part, whole):.3f}"
