"""Adding up, as pure functions. Every figure of page, Excel, PDF and command comes from here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from app.calls.facts import Choice
from app.decisions.facts import GRANTING, Verdict
from app.figures.facts import (
    AgencyRow,
    Basis,
    BookLine,
    BudgetRow,
    CategoryRow,
    Counts,
    Group,
    Headline,
    Share,
    Sums,
)
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.portfolio.facts import Entry, Line, Standing
from app.proposals.states import (
    DRAFT,
    FAILED,
    QUESTIONED,
    RANKED_STATES,
    RECORDED,
    RETURNED,
    SUBMITTED,
)


def book_lines(lines: Iterable[Line], decided: Mapping[int, tuple[Verdict, int]]) -> tuple[BookLine, ...]:
    """Ranked lines with their decisions (proposal id -> verdict and satang) and the running sum of what is taken."""
    taken = 0
    found = []
    for line in lines:
        cumulative = None
        if line.standing is Standing.IN:
            cumulative = taken = taken + line.granted
        verdict, amount = decided.get(line.entry.proposal_id, (None, 0))
        found.append(BookLine(line, cumulative, verdict, amount if verdict in GRANTING else 0))
    return tuple(found)


def basis_of(lines: Sequence[BookLine]) -> Basis:
    """What the total counts: decisions as soon as there is one, else published amounts, else what fits."""
    if any(line.verdict is not None for line in lines):
        return Basis.APPROVED
    if lines and all(line.line.standing is Standing.RECORDED for line in lines):
        return Basis.RECORDED
    return Basis.FITTING


def amount_of(line: BookLine, basis: Basis) -> int:
    """What a line adds to the call's total, satang; 0 for a line the total does not count."""
    if basis is Basis.APPROVED:
        return line.approved
    wanted = Standing.RECORDED if basis is Basis.RECORDED else Standing.IN
    if line.line.standing is not wanted:
        return 0
    return line.line.entry.requested if basis is Basis.RECORDED else line.line.granted


def is_counted(line: BookLine, basis: Basis) -> bool:
    """Whether the call's total counts this line."""
    if basis is Basis.APPROVED:
        return line.verdict in GRANTING
    return line.line.standing is (Standing.RECORDED if basis is Basis.RECORDED else Standing.IN)


def headline_of(lines: Sequence[BookLine], shares: Iterable[Share], basis: Basis) -> Headline:
    """The figures the call is known by. Agencies and ministries are those with a part in a counted project."""
    counted = {line.line.entry.proposal_id for line in lines if is_counted(line, basis)}
    agencies, ministries = set(), set()
    for proposal_id, agency_id, ministry_id, _ in shares:
        if proposal_id in counted:
            agencies.add(agency_id)
            ministries.add(ministry_id)
    return Headline(
        basis=basis,
        projects=len(counted),
        agencies=len(agencies),
        ministries=len(ministries),
        total=sum(amount_of(line, basis) for line in lines),
    )


def count_states(states: Mapping[str, int]) -> Counts:
    """State -> number of proposals, as the papers count them."""
    recorded = states.get(RECORDED, 0)
    return Counts(
        filed=sum(n for state, n in states.items() if state != DRAFT) - recorded,
        passed=sum(states.get(state, 0) for state in RANKED_STATES),
        questioned=states.get(QUESTIONED, 0),
        failed=states.get(FAILED, 0),
        waiting=states.get(SUBMITTED, 0),
        returned=states.get(RETURNED, 0),
        recorded=recorded,
    )


def add_up(lines: Iterable[BookLine]) -> Sums:
    """All lines together."""
    return next(iter(_sums_by(lines, lambda entry: "").values()), Sums())


def _sums_by(lines: Iterable[BookLine], key: Callable[[Entry], str]) -> dict[str, Sums]:
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0] * 6)
    for line in lines:
        entry = line.line.entry
        sums = found[key(entry)]
        sums[0] += 1
        sums[1] += entry.requested
        if line.line.standing is Standing.IN:
            sums[2] += 1
            sums[3] += line.line.granted
        if line.verdict in GRANTING:
            sums[4] += 1
            sums[5] += line.approved
    return {code: Sums(*sums) for code, sums in found.items()}


def group_by_choices(
    lines: Iterable[BookLine], choices: Iterable[Choice], key: Callable[[Entry], str]
) -> tuple[Group, ...]:
    """The sums of every choice of a list, in its order, those without a line included."""
    sums = _sums_by(lines, key)
    return tuple(Group(c.code, c.name, sums.get(c.code, Sums())) for c in choices)


def group_by_ministry(lines: Sequence[BookLine]) -> tuple[Group, ...]:
    """The sums of every ministry by lead agency, largest first."""
    names = {line.line.entry.ministry_code: line.line.entry.ministry for line in lines}
    sums = _sums_by(lines, lambda entry: entry.ministry_code)
    groups = (Group(code, names[code], s) for code, s in sums.items())
    return tuple(
        sorted(
            groups,
            key=lambda g: (-g.sums.approved, -g.sums.in_amount, -g.sums.requested, g.name.th),
        )
    )


def add_up_categories(rows: Iterable[BudgetRow], categories: Iterable[Choice]) -> tuple[CategoryRow, ...]:
    """Budget lines by expenditure category; every category of the plan has a row."""
    found: dict[str, list[int]] = {c.code: [0] * 8 for c in categories}
    for row in rows:
        sums = found[row.category]
        for at, value in enumerate(
            (row.q1, row.q2, row.q3, row.q4, row.q0, row.amount, sum(row.later), row.counted)
        ):
            sums[at] += value
    return tuple(CategoryRow(c.code, c.name, *found[c.code]) for c in categories)


def add_up_agencies(
    rows: Iterable[BudgetRow],
    shares: Iterable[Share],
    counted: frozenset[int],
    names: Mapping[int, tuple[Text, Text]],
) -> tuple[AgencyRow, ...]:
    """Every agency with a part in a ranked proposal, largest own money first.

    `counted` are the proposals the headline counts, `names` gives the names of agency and ministry.
    """
    found: defaultdict[int, list[int]] = defaultdict(lambda: [0] * 5)
    for share in shares:
        sums = found[share.agency_id]
        sums[0] += share.is_lead
        sums[1] += 1
        sums[3] += share.proposal_id in counted
    for row in rows:
        found[row.agency_id][2] += row.amount
        found[row.agency_id][4] += row.counted
    agencies = (AgencyRow(agency_id, *names[agency_id], *sums) for agency_id, sums in found.items())
    return tuple(sorted(agencies, key=lambda a: (-a.counted, -a.requested, a.name.th)))


TAKEN_FROM_OUTSIDE = Text("อยู่นอกกรอบตามลำดับ แต่มีมติเห็นชอบ", "outside the ceiling by rank, yet approved")
TAKEN_UNSCORED = Text("ยังไม่มีคะแนน แต่มีมติเห็นชอบ", "not scored, yet approved")
LEFT_OUT = Text("อยู่ในกรอบตามลำดับ แต่ไม่ได้รับความเห็นชอบ", "within the ceiling by rank, yet not approved")
CUT = Text("เห็นชอบต่ำกว่าที่ขอ {amount} บาท", "approved {amount} baht below what was asked for")


def departures(line: BookLine) -> tuple[Text, ...]:
    """How a decision departs from the computed list; nothing when it follows it, or before there is one."""
    if line.verdict is None:
        return ()
    standing, cut = line.line.standing, line.line.entry.requested - line.approved
    if line.verdict not in GRANTING:
        return (LEFT_OUT,) if standing is Standing.IN else ()
    found = []
    if standing is Standing.OUT:
        found.append(TAKEN_FROM_OUTSIDE)
    if standing is Standing.UNSCORED:
        found.append(TAKEN_UNSCORED)
    if cut > 0:
        found.append(CUT.fill(amount=format_baht(cut)))
    return tuple(found)
