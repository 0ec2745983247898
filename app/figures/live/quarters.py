"""What is granted, spread over the quarters by formulas that come to whole satang.

A project granted less than it filed keeps the proportions of its budget lines, as `portfolio.quarters` has it: shares
rounded down, what is left over to the largest remainders. A share is part x granted / filed, whose product no cell holds
exactly; so the quotient is taken roughly, and its remainder exactly, from halves of 24 bits, which says whether it is one
too large or too small.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.figures.live.laying import Layout
from app.figures.pen import Pen
from app.kernel.text import Text
from app.portfolio.quarters import QUARTER_NAMES, RULE, in_proportion
from reports.document import Column, Table
from reports.live import LiveColumn, LiveTable

Quarters = tuple[int, int, int, int, int]
NONE: Quarters = (0, 0, 0, 0, 0)
_HALF = 1 << 24
_N = range(1, 6)
# nothing to reckon: all or nothing of it is granted, or nothing was filed by quarter
_EXACT = "OR({t}=0,{t}={w},{w}=0)"
_HIDDEN = Text("ซ่อนไว้ ใช้แบ่งวงเงินตามไตรมาส", "Hidden, to spread what is granted over the quarters")


def live_details(table: Table, filed: Mapping[str, Quarters], layout: Layout, pen: Pen) -> LiveTable:
    """The details of projects with what each is granted now, and in which quarter."""
    granted = {step.line.entry.number: step.granted for step in layout.steps}
    group = pen("รายไตรมาสตามที่ได้รับ", "By quarter, as granted")
    hidden = pen.name(_HIDDEN)

    def step(key: str, cells: str) -> LiveColumn:
        return LiveColumn(key, key, "int", 12, cells=cells, hidden=True, meaning=hidden)

    columns: list[Column] = [
        *table.columns,
        LiveColumn("granted", pen("ได้รับ", "Granted"), "money", 18, "sum", cells="={t}/100"),
        *(
            LiveColumn(
                f"g{n}",
                pen.name(name),
                "money",
                17,
                "sum",
                group=group,
                cells=f"={{s{n}}}/100",
                meaning=pen.name(RULE),
                hidden=n == max(_N) and not any(parts[-1] for parts in filed.values()),
            )
            for n, name in enumerate(QUARTER_NAMES, 1)
        ),
        Column("seat", "seat", "int", 8, hidden=True, meaning=hidden),
        *(Column(f"p{n}", f"p{n}", "int", 12, hidden=True, meaning=hidden) for n in _N),
        Column("w", "w", "int", 12, hidden=True, meaning=hidden),
        step("t", "=ROUND(INDEX({ranked.in_amount},{seat})*100,0)"),
        *(step(f"q{n}", _rough(n)) for n in _N),
        *(step(f"r{n}", _remainder(n)) for n in _N),
        *(step(f"h{n}", f"={{q{n}}}+IF({{r{n}}}>={{w}},1,0)-IF({{r{n}}}<0,1,0)") for n in _N),
        *(step(f"m{n}", f"={{r{n}}}-IF({{r{n}}}>={{w}},{{w}},0)+IF({{r{n}}}<0,{{w}},0)") for n in _N),
        *(step(f"s{n}", _share(n)) for n in _N),
    ]
    rows = []
    for row in table.rows:
        if not isinstance(row, dict):
            raise TypeError("the details have rows by key")
        number = str(row["number"])
        rows.append(
            row | _cells(filed.get(number, NONE), granted.get(number, 0)) | {"seat": layout.places[number]}
        )
    return LiveTable(
        name=table.name,
        title=table.title,
        columns=tuple(columns),
        rows=tuple(rows),
        question=table.question,
        sheet=table.sheet,
        excel_only=True,
        conditions=(("in", "={t}>0"),),
    )


def _rough(n: int) -> str:
    last = "{t}" if n == max(_N) else "0"
    return f"=IF({{t}}={{w}},{{p{n}}},IF({{w}}=0,{last},INT({{p{n}}}/{{w}}*{{t}})))"


def _remainder(n: int) -> str:
    """part x granted - quotient x filed, exactly: with each of them split in high x 2^24 + low."""
    h = str(_HALF)

    def high(key: str) -> str:
        return f"INT({{{key}}}/{h})"

    def low(key: str) -> str:
        return f"({{{key}}}-{h}*INT({{{key}}}/{h}))"

    p, q = f"p{n}", f"q{n}"
    return (
        f"=IF({_EXACT},0,"
        f"(({high(p)}*{high('t')}-{high(q)}*{high('w')})*{h}"
        f"+{high(p)}*{low('t')}+{low(p)}*{high('t')}-{high(q)}*{low('w')}-{low(q)}*{high('w')})*{h}"
        f"+{low(p)}*{low('t')}-{low(q)}*{low('w')})"
    )


def _share(n: int) -> str:
    """The share rounded down, and a satang more for the largest remainders; the earlier quarter where they are equal."""
    larger = "+".join(
        f"IF({{m{other}}}{'>=' if other < n else '>'}{{m{n}}},1,0)" for other in _N if other != n
    )
    shares = "-".join(f"{{h{other}}}" for other in _N)
    return f"=IF({_EXACT},{{h{n}}},{{h{n}}}+IF({larger}<{{t}}-{shares},1,0))"


def _cells(parts: Sequence[int], granted: int) -> dict[str, object]:
    whole = sum(parts)
    shares = in_proportion(parts, granted)
    plain = granted in (0, whole) or not whole
    found: dict[str, object] = {"granted": granted, "t": granted, "w": whole}
    for n, (part, share) in enumerate(zip(parts, shares, strict=True), 1):
        floor, remainder = (share, 0) if plain else divmod(part * granted, whole)
        # the rough quotient a cell comes to, in the same doubles
        rough = share if plain else int(part / whole * granted)
        found |= {
            f"p{n}": part,
            f"q{n}": rough,
            f"r{n}": 0 if plain else part * granted - rough * whole,
            f"h{n}": floor,
            f"m{n}": remainder,
            f"s{n}": share,
            f"g{n}": share,
        }
    return found


def quarter_table(filed: Mapping[str, Quarters], layout: Layout, pen: Pen) -> LiveTable:
    """What the quarters hold: asked for by all projects, and granted now."""
    ranked = [step.line for step in layout.steps]
    asked = [sum(filed.get(number, NONE)[at] for number in layout.places) for at in range(5)]
    within = [
        sum(in_proportion(filed.get(line.entry.number, NONE), line.granted)[at] for line in ranked)
        for at in range(5)
    ]
    sums = "CHOOSE({at}," + ",".join(f"SUM({{details.s{n}}})" for n in _N) + ")"
    filed_sums = "CHOOSE({at}," + ",".join(f"SUM({{details.p{n}}})" for n in _N) + ")"
    return LiveTable(
        "quarters",
        pen("สรุปตามไตรมาส", "By quarter"),
        (
            Column("name", pen("ไตรมาส", "Quarter"), "text", 24),
            LiveColumn(
                "requested", pen("ขอรับ", "Requested"), "million", 18, "sum", cells=f"={filed_sums}/100000000"
            ),
            LiveColumn(
                "within",
                pen("อยู่ในกรอบ", "Within the ceiling"),
                "million",
                18,
                "sum",
                cells=f"={sums}/100000000",
                meaning=pen.name(RULE),
            ),
            Column("at", "at", "int", 6, hidden=True, meaning=pen.name(_HIDDEN)),
        ),
        tuple((pen.name(name), asked[n - 1], within[n - 1], n) for n, name in enumerate(QUARTER_NAMES, 1)),
        question=pen("เงินจะใช้ในไตรมาสใด", "In which quarter is the money spent?"),
        sheet=pen("ตามไตรมาส", "By quarter"),
        filters=False,
        excel_only=True,
    )
