"""How well the overlap radar finds what is the same and leaves alone what only resembles.

In: the labelled set, on the road of live use: the search proposes, the comparison judges; what the search does not
propose is missed. Out: precision and recall at the working threshold, the curve, every miss and every false alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.cli.bench.measure import Figure
from app.cli.bench.overlap_labelled import KINDS, Labelled, LabelledSet
from app.cli.demo.dice import Dice
from app.cli.demo.subjects import read_subjects
from app.cli.demo.writing import Idea, write_draft
from app.cli.register import read_register
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.similarity.facts import Comparable, Item, Passage
from app.similarity.queries.radar import CANDIDATES
from app.similarity.rules import WORKING_THRESHOLD, commonness_of, compare, said_by
from app.similarity.search import Index
from app.similarity.texts import comparable_of, search_text_of

Say = Callable[[str], object]
GOALS = {"copied": 0.95, "reordered": 0.95, "paraphrased": 0.80}
HALVES = ("half used for choosing", "half held out", "both halves")
_MADE_UP = 10_000  # keys of what is no part of the set
_CURVE = (150, 200, 230, 250, 270, 290, 310, 330, 350, 400, 450, 500, 600, 700, 800)


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
    labelled = LabelledSet()
    pairs = judge_all(labelled)
    positives = sum(p.same for p in pairs)
    say(
        f"{positives} planted pairs, {len(pairs) - positives} pairs of different projects; threshold {WORKING_THRESHOLD}"
    )
    for half, name in enumerate(HALVES):
        _say_half([p for p in pairs if half in (p.half, 2)], name, say)
    _say_curve(pairs, say)
    _say_wrong(pairs, say)
    around = made_up_filings()
    crowded = judge_all(labelled, around)
    _say_half(crowded, f"both halves, among {len(around)} made-up filings more", say)
    _say_wrong(crowded, say)
    return [
        *_figures(pairs, "all"),
        *_figures([p for p in pairs if p.half == 1], "held out, context", goals=False),
    ]


def judge_all(labelled: LabelledSet, around: Sequence[Comparable] = ()) -> list[Judged]:
    """Every counted pair, each proposal against those filed before it as a new filing would be; what was planted only
    against the corpus, since no two copies are filed of one project. `around` are filings without labels that were
    filed first. What the search does not propose is compared only where it is a miss."""
    comparables = {p.key: comparable_of(p.facts, p.key) for p in labelled.proposals}
    corpus = [comparables[p.key] for p in labelled.corpus] + list(around)
    names = [said for a in read_register().agencies for said in (a.name.th, a.name.en)]
    common = commonness_of((said_by(c) for c in corpus), names)
    index = Index.build(search_text_of(c) for c in corpus)
    pairs = []
    for one in labelled.proposals:
        before = [p for p in labelled.corpus if p.key < one.key]
        later = [p.key for p in labelled.corpus if p.key >= one.key]
        found = index.against(search_text_of(comparables[one.key]), later, top=CANDIDATES)
        proposed = {candidate.key for candidate in found}
        for other in before:
            answer = labelled.answer(one, other)
            if answer == "uncounted":
                continue
            same, is_proposed, score = answer == "same", other.key in proposed, 0
            if same or is_proposed:
                score = compare(comparables[one.key], comparables[other.key], common).score
            pairs.append(Judged(one, other, same, score, is_proposed))
    return pairs


def made_up_filings() -> list[Comparable]:
    """A filing on each subject of the demo, as the demo writes them: set phrases, and what each is about."""
    made = []
    for n, subject in enumerate(read_subjects(), 1):
        draft = write_draft(Dice(f"overlap-{n}"), Idea(subject, (), 100_000_000_00))
        words = draft["rationale"]
        made.append(
            Comparable(
                key=_MADE_UP + n,
                number=f"made-up-{n}",
                fiscal_year=2567,
                title=Text(draft["names"]["title_th"], draft["names"]["title_en"]),
                lead=subject.agency,
                passages=tuple(Passage(f"rationale-{field}", text) for field, text in words.items()),
                items=tuple(
                    Item(f"budget-{row}-item", line["item"], 0)
                    for row, line in enumerate(draft["budget"]["rows"], 1)
                ),
                systems=tuple(
                    Passage(f"integration-{row}-name", link["name"])
                    for row, link in enumerate(draft["integration"]["links"], 1)
                ),
                agencies=frozenset((subject.agency,)),
                partners=frozenset(subject.partners),
            )
        )
    return made


def _say_half(pairs: Sequence[Judged], name: str, say: Say) -> None:
    found, missed, false = _counts(pairs, WORKING_THRESHOLD)
    say(f"\n{name}: precision {_share(found, found + false)}, recall {_share(found, found + missed)}")
    for kind in KINDS:
        of_kind = [p for p in pairs if p.kind == kind]
        got = sum(p.proposed and p.score >= WORKING_THRESHOLD for p in of_kind)
        alone = sum(p.score >= WORKING_THRESHOLD for p in of_kind)
        say(
            f"  {kind:<12} recall {_share(got, len(of_kind))} ({got} of {len(of_kind)}; without the search {alone})"
        )


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


def _figures(pairs: Sequence[Judged], name: str, *, goals: bool = True) -> list[Figure]:
    found, _, false = _counts(pairs, WORKING_THRESHOLD)
    goal = 0.80 if goals else None
    figures = [Figure(f"overlap, {name}: precision", _ratio(found, found + false), "", goal, "higher")]
    for kind in KINDS:
        got, lost, _ = _counts([p for p in pairs if p.kind == kind], WORKING_THRESHOLD)
        goal = GOALS.get(kind) if goals else None
        figures.append(Figure(f"overlap, {name}: recall {kind}", _ratio(got, got + lost), "", goal, "higher"))
    return figures


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _share(part: int, whole: int) -> str:
    return f"{_ratio(part, whole):.3f}"
