"""What may be wrong with the terms of a scenario, all at once. Places name the fields of its form: rows of a list are
counted from 0, as "limit-2-amount", "needs-0-one", "exclusive-1", "must-3"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.portfolio.allocation import must_take
from app.portfolio.facts import Adjusting, Adjustment, Basis, Bound, Dimension, Entry, Limit, Terms

LONGEST_NAME = 200
LONGEST_WORDS = 4000

NO_CEILING = Text("กรุณากรอกกรอบวงเงินที่มากกว่าศูนย์", "Enter a ceiling above zero")
NOT_ALL_WEIGHTS = Text(
    "น้ำหนักต้องครบทุกเกณฑ์ของรอบนี้", "There must be a weight for every criterion of this call's rubric"
)
WEIGHTS_SUM = Text(
    "น้ำหนักรวมต้องเท่ากับ 100 ขณะนี้รวมได้ {sum}", "The weights must sum to 100; they sum to {sum} now"
)
WEIGHT_RANGE = Text("น้ำหนักต้องอยู่ระหว่าง 0 ถึง 100", "A weight is from 0 to 100")
ONE_BASIS = Text(
    "คะแนนปรับเทียบคำนวณตามน้ำหนักของเกณฑ์รอบนี้เท่านั้น กรุณาเลือกคะแนนดิบ หรือใช้น้ำหนักตามเกณฑ์",
    "Calibrated scores exist only under the rubric's own weights; choose raw scores, or the rubric's weights",
)
UNKNOWN_GROUP = Text(
    "ไม่มีกลุ่ม {code} ในรอบนี้ กรุณาเลือกใหม่", "There is no group {code} in this call; choose again"
)
NO_AMOUNT = Text("กรุณากรอกวงเงินที่มากกว่าศูนย์", "Enter an amount above zero")
LIMIT_TWICE = Text("กลุ่มนี้มีขั้นต่ำหรือเพดานชนิดเดียวกันอยู่แล้ว", "This group has a limit of the same kind already")
FLOOR_ABOVE_CEILING = Text(
    "ขั้นต่ำสูงกว่ากรอบวงเงิน {ceiling} บาท", "This floor is above the ceiling of {ceiling} baht"
)
FLOORS_ABOVE_CEILING = Text(
    "ขั้นต่ำของกลุ่มชนิดเดียวกันรวมกัน {sum} บาท สูงกว่ากรอบวงเงิน {ceiling} บาท",
    "Floors of the same kind of group sum to {sum} baht, above the ceiling of {ceiling}",
)
FLOOR_ABOVE_CAP = Text(
    "ขั้นต่ำสูงกว่าเพดานของกลุ่มเดียวกัน ({cap} บาท)", "This floor is above the cap of the same group ({cap} baht)"
)
FLOORS_ABOVE_STAGE = Text(
    "ขั้นต่ำของแนวทางในช่วงเดียวกันรวมกัน {sum} บาท สูงกว่าเพดานของช่วง {cap} บาท",
    "Floors of the guidelines of one stage sum to {sum} baht, above that stage's cap of {cap}",
)
UNKNOWN_PROJECT = Text(
    "ไม่มีโครงการเลขที่ {number} ในบัญชีของรอบนี้", "There is no project {number} on the list of this call"
)
NAMED_TWICE = Text("โครงการ {number} ระบุซ้ำ", "Project {number} is named twice")
NEEDS_ITSELF = Text("โครงการ {number} ต้องใช้ตัวเองไม่ได้", "Project {number} cannot need itself")
CIRCULAR = Text(
    "โครงการต้องใช้กันเป็นวงกลม: {circle} จึงไม่มีโครงการใดได้รับจัดสรร",
    "These projects need each other in a circle, so none could be taken: {circle}",
)
NEEDS_RIVAL = Text(
    "โครงการ {one} ต้องใช้โครงการ {other} แต่ทั้งสองอยู่ในกลุ่มที่รับได้โครงการเดียว",
    "Project {one} needs {other}, but only one of the two may be taken",
)
TOO_FEW = Text("กลุ่มต้องมีอย่างน้อยสองโครงการ", "A group needs two projects at least")
GROUP_TWICE = Text("กลุ่มนี้อยู่ในกลุ่มอื่นแล้ว", "This group is part of another")
FORCED_TWICE = Text(
    "รับได้โครงการเดียวในกลุ่มนี้ แต่ {numbers} ต้องจัดสรรหรือถูกนำเข้าทั้งหมด",
    "Only one of this group may be taken, but {numbers} must all be funded or were taken by hand",
)

NO_REASON = Text("กรุณาให้เหตุผล", "Say why")
NO_CUT = Text("กรุณากรอกวงเงินที่ปรับแล้ว", "Enter the amount after the cut")
NOT_BELOW = Text(
    "วงเงินหลังปรับต้องต่ำกว่าที่ขอ {requested} บาท", "After a cut the amount is below the {requested} baht asked for"
)
ABOVE_REQUESTED = Text("วงเงินสูงกว่าที่ขอ {requested} บาท", "This is above the {requested} baht asked for")
NO_AMOUNT_LEFT_OUT = Text("โครงการที่นำออกไม่มีวงเงิน", "A project left out has no amount")
NOT_RANKED = Text(
    "โครงการนี้ยังไม่มีคะแนน จึงยังไม่อยู่ในลำดับให้ปรับ",
    "This project has no scores yet, so it has no rank to depart from",
)
TAKEN_RIVAL = Text(
    "โครงการ {other} ในกลุ่มที่รับได้โครงการเดียวกันต้องจัดสรรหรือถูกนำเข้าแล้ว",
    "Only one of a group with {other} may be taken, and that one must be funded or was taken by hand",
)


@dataclass(frozen=True)
class Known:
    """What a call knows that terms may name. `weights` are the rubric's own; `stage_of` maps a guideline to its stage."""

    entries: tuple[Entry, ...]
    weights: Mapping[str, int]
    stages: frozenset[str]
    stage_of: Mapping[str, str]

    @cached_property
    def by_number(self) -> Mapping[str, Entry]:
        return {entry.number: entry for entry in self.entries}

    @cached_property
    def groups(self) -> Mapping[Dimension, frozenset[str]]:
        return {
            Dimension.STAGE: self.stages,
            Dimension.GUIDELINE: frozenset(self.stage_of),
            Dimension.MINISTRY: frozenset(entry.ministry_code for entry in self.entries),
        }


def find_problems(terms: Terms, known: Known) -> list[Problem]:
    """Everything to mend before the terms can be kept."""
    return [
        *_score_problems(terms, known),
        *_limit_problems(terms, known),
        *_project_problems(terms, known),
    ]


def _score_problems(terms: Terms, known: Known) -> Iterator[Problem]:
    if terms.ceiling <= 0:
        yield Problem("ceiling", NO_CEILING)
    if not terms.weights:
        return
    if set(terms.weights) != set(known.weights):
        yield Problem("weights", NOT_ALL_WEIGHTS)
        return
    wrong = [code for code, weight in terms.weights.items() if not 0 <= weight <= 100]
    for code in wrong:
        yield Problem(f"weight-{code}", WEIGHT_RANGE)
    if not wrong and sum(terms.weights.values()) != 100:
        yield Problem("weights", WEIGHTS_SUM.fill(sum=sum(terms.weights.values())))
    if terms.basis is Basis.CALIBRATED and dict(terms.weights) != dict(known.weights):
        yield Problem("basis", ONE_BASIS)


def _limit_problems(terms: Terms, known: Known) -> Iterator[Problem]:
    caps = {(n.dimension, n.code): n.amount for n in terms.limits if n.bound is Bound.CAP}
    seen: set[tuple[Dimension, str, Bound]] = set()
    floors: list[tuple[str, Limit]] = []
    for at, limit in enumerate(terms.limits):
        place = f"limit-{at}-amount"
        if limit.code not in known.groups[limit.dimension]:
            yield Problem(f"limit-{at}-group", UNKNOWN_GROUP.fill(code=limit.code))
        elif (limit.dimension, limit.code, limit.bound) in seen:
            yield Problem(f"limit-{at}-group", LIMIT_TWICE)
        seen.add((limit.dimension, limit.code, limit.bound))
        if limit.amount <= 0:
            yield Problem(place, NO_AMOUNT)
            continue
        if limit.bound is Bound.CAP:
            continue
        cap = caps.get((limit.dimension, limit.code))
        if limit.amount > terms.ceiling > 0:
            yield Problem(place, FLOOR_ABOVE_CEILING.fill(ceiling=format_baht(terms.ceiling)))
        elif cap is not None and limit.amount > cap > 0:
            yield Problem(place, FLOOR_ABOVE_CAP.fill(cap=format_baht(cap)))
        else:
            floors.append((place, limit))
    yield from _sums_of_floors(floors, caps, terms.ceiling, known)


def _sums_of_floors(
    floors: Iterable[tuple[str, Limit]],
    caps: Mapping[tuple[Dimension, str], int],
    ceiling: int,
    known: Known,
) -> Iterator[Problem]:
    """Floors that each could be reached, but not together: told at the one that makes it so."""
    of_kind: defaultdict[Dimension, int] = defaultdict(int)
    of_stage: defaultdict[str, int] = defaultdict(int)
    for place, limit in floors:
        before = of_kind[limit.dimension]
        of_kind[limit.dimension] += limit.amount
        if before <= ceiling < of_kind[limit.dimension]:
            yield Problem(
                place,
                FLOORS_ABOVE_CEILING.fill(
                    sum=format_baht(of_kind[limit.dimension]), ceiling=format_baht(ceiling)
                ),
            )
        if limit.dimension is not Dimension.GUIDELINE:
            continue
        stage = known.stage_of.get(limit.code, "")
        cap = caps.get((Dimension.STAGE, stage), 0)
        before = of_stage[stage]
        of_stage[stage] += limit.amount
        if cap > 0 and before <= cap < of_stage[stage]:
            yield Problem(
                place, FLOORS_ABOVE_STAGE.fill(sum=format_baht(of_stage[stage]), cap=format_baht(cap))
            )


def _project_problems(terms: Terms, known: Known) -> Iterator[Problem]:
    for at, number in enumerate(sorted(terms.must_fund)):
        if number not in known.by_number:
            yield Problem(f"must-{at}", UNKNOWN_PROJECT.fill(number=number))
    rivals = [frozenset(group) for group in terms.exclusive]
    pairs: set[tuple[str, str]] = set()
    for at, (one, other) in enumerate(terms.needs):
        for place, number in ((f"needs-{at}-one", one), (f"needs-{at}-other", other)):
            if number not in known.by_number:
                yield Problem(place, UNKNOWN_PROJECT.fill(number=number))
        if one == other:
            yield Problem(f"needs-{at}-other", NEEDS_ITSELF.fill(number=one))
        elif (one, other) in pairs:
            yield Problem(f"needs-{at}-other", NAMED_TWICE.fill(number=other))
        elif any(one in group and other in group for group in rivals):
            yield Problem(f"needs-{at}-other", NEEDS_RIVAL.fill(one=one, other=other))
        pairs.add((one, other))
    circle = find_circle(pairs)
    if circle:
        closing = (circle[-2], circle[-1])
        at = next(at for at, pair in enumerate(terms.needs) if pair == closing)
        yield Problem(f"needs-{at}-one", CIRCULAR.fill(circle=" → ".join(circle)))
    yield from _group_problems(terms, known)


def _group_problems(terms: Terms, known: Known) -> Iterator[Problem]:
    forced = must_take(known.entries, terms)
    groups = [frozenset(group) for group in terms.exclusive]
    for at, group in enumerate(terms.exclusive):
        place = f"exclusive-{at}"
        unknown = [number for number in group if number not in known.by_number]
        if unknown:
            yield Problem(place, UNKNOWN_PROJECT.fill(number=", ".join(unknown)))
        elif len(group) > len(groups[at]):
            twice = next(number for number in group if group.count(number) > 1)
            yield Problem(place, NAMED_TWICE.fill(number=twice))
        elif len(group) < 2:
            yield Problem(place, TOO_FEW)
        elif any(
            groups[at] <= other for n, other in enumerate(groups) if n < at or (n > at and groups[at] < other)
        ):
            yield Problem(place, GROUP_TWICE)
        together = sorted(number for number in groups[at] if number in forced)
        if len(together) > 1:
            yield Problem(place, FORCED_TWICE.fill(numbers=", ".join(together)))


def find_circle(pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Projects that need each other in a circle, the first named again at the end; () where there is none."""
    needs: defaultdict[str, list[str]] = defaultdict(list)
    for one, other in sorted(pairs):
        if one != other:
            needs[one].append(other)
    done: set[str] = set()
    for start in sorted(needs):
        trail: list[str] = []
        waiting = [(start, iter(needs[start]))] if start not in done else []
        trail += [number for number, _ in waiting]
        while waiting:
            number, rest = waiting[-1]
            following = next(rest, None)
            if following is None:
                done.add(number)
                waiting.pop()
                trail.pop()
            elif following in trail:
                return (*trail[trail.index(following) :], following)
            elif following not in done:
                trail.append(following)
                waiting.append((following, iter(needs.get(following, ()))))
    return ()


def adjustment_problems(number: str, adjustment: Adjustment, terms: Terms, known: Known) -> list[Problem]:
    """Everything that stands against changing one project by hand; `terms` are the scenario's. Below the least it says it
    works with is no fault: that is the agency's word, and the ledger tells."""
    entry = known.by_number[number]
    found: list[Problem] = []
    if not adjustment.reason.strip():
        found.append(Problem("reason", NO_REASON))
    requested = format_baht(entry.requested)
    amount = adjustment.amount
    if not entry.panel.count:
        found.append(Problem("kind", NOT_RANKED))
    if adjustment.kind is Adjusting.LEAVE:
        if amount is not None:
            found.append(Problem("amount", NO_AMOUNT_LEFT_OUT))
    elif amount is None:
        if adjustment.kind is Adjusting.CUT:
            found.append(Problem("amount", NO_CUT))
    elif amount <= 0:
        found.append(Problem("amount", NO_AMOUNT))
    elif amount > entry.requested:
        found.append(Problem("amount", ABOVE_REQUESTED.fill(requested=requested)))
    elif adjustment.kind is Adjusting.CUT and amount == entry.requested:
        found.append(Problem("amount", NOT_BELOW.fill(requested=requested)))
    if adjustment.kind is Adjusting.TAKE:
        forced = must_take(known.entries, terms)
        others = {n for group in terms.exclusive if number in group for n in group} - {number}
        rivals = sorted(others & set(forced))
        if rivals:
            found.append(Problem("kind", TAKEN_RIVAL.fill(other=", ".join(rivals))))
    return found
