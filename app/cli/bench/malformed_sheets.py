"""Sheets that are wrong, or merely unusual, inside a sound file: cells, headings, formulas, places and claims."""

from __future__ import annotations

from random import Random

from app.cli.bench.malformed_rows import (
    HEAD,
    Filling,
    Must,
    Paper,
    letters,
    zip_parts,
)

Case = tuple[bytes, Must]


def rows(rng: Random, of: Paper) -> Case:
    """Everything right, however it was typed and wherever it stands."""
    return _close(of, Filling(rng, of))


def bad_cells(rng: Random, of: Paper) -> Case:
    """A few cells that cannot be taken, each to be named with its row."""
    return _close(of, Filling(rng, of, bad=rng.randrange(1, 5)))


def merged(rng: Random, of: Paper) -> Case:
    """Merged cells above and between the lines."""
    filling = Filling(rng, of)
    top = f'<mergeCell ref="A1:D{max(1, filling.header - 1)}"/>' if filling.header > 1 else ""
    return _close(
        of,
        filling,
        f'<mergeCells>{top}<mergeCell ref="X{filling.last + 2}:Z{filling.last + 5}"/></mergeCells>',
    )


def headings(rng: Random, of: Paper) -> Case:
    """A needed heading missing, misspelt or there twice; or no headings at all."""
    filling = Filling(rng, of)
    heads = filling.grid[filling.header]
    ours = [place for place, column in filling.columns.items() if column is not None]
    needed = [place for place in ours if (column := filling.columns[place]) is not None and column.needed]
    way = rng.randrange(4)
    if way == 0:
        del heads[rng.choice(needed)]
    elif way == 1:
        heads[rng.choice(needed)] = ("s", "อะไรก็ไม่รู้")
    elif way == 2:
        heads[max(heads) + 1] = heads[rng.choice(ours)]
    else:
        del filling.grid[filling.header]
    filling.must.rows[filling.key], filling.must.faulty[filling.key] = {}, set()
    filling.must.headless = {filling.key}
    return _close(of, filling)


def formulas(rng: Random, of: Paper) -> Case:
    """Formulas, of which each cell must be named."""
    filling = Filling(rng, of, lines=6)
    numbers = rng.sample(sorted(filling.must.rows[filling.key]), 3)
    places = {number: rng.choice(sorted(filling.grid[number])) for number in numbers}
    xml = filling.xml().decode()
    for number, place in places.items():
        start = xml.index(f'<c r="{letters(place)}{number}"')
        end = xml.index("</c>", start)
        calls = rng.choice(
            ("1+1", "SUM(A1:A9)", "HYPERLINK(&quot;http://x.invalid&quot;)", "cmd|'/c calc'!A0")
        )
        xml = f'{xml[:start]}<c r="{letters(place)}{number}"><f>{calls}</f><v>1</v>{xml[end:]}'
    parts = of.with_sheet(xml.encode())
    return zip_parts(parts), Must(formulas={f"{letters(place)}{number}" for number, place in places.items()})


def claims(rng: Random, of: Paper) -> Case:
    """Small files that are huge: a million rows, far columns, one long string in very many cells."""
    way = rng.randrange(4)
    parts = dict(of.parts())
    if way == 0:
        sheet = f'<row r="1048576"><c r="A1048576"><v>{rng.random()}</v></c></row>'
    elif way == 1:
        sheet = f'<row r="4"><c r="XFD4"><v>{rng.random()}</v></c></row>'
    elif way == 2:
        sheet = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 1500))
        parts["xl/sharedStrings.xml"] = b"<sst><si><t>" + b"ab" * 15_000 + b"</t></si></sst>"
        parts["docProps/x.xml"] = f"<x>{rng.random()}</x>".encode()
    else:
        sheet = (
            "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 6500))
            + f"<!-- {rng.random()} -->"
        )
    parts[of.part] = f"{HEAD}<sheetData>{sheet}</sheetData></worksheet>".encode()
    return zip_parts(parts), Must(is_refused=True)


def misplaced(rng: Random, of: Paper) -> Case:
    """Cells and rows that are not where they say: what would put one row in another's place."""
    n = rng.randrange(5, 900)
    sheet = rng.choice(
        (
            f'<row r="{n}"><c r="A{n + 1}"><v>1</v></c></row>',
            f'<row r="{n}"><c r="B{n}"><v>1</v></c><c r="A{n}"><v>2</v></c></row>',
            f'<row r="{n}"><c r="A{n}"><v>1</v></c><c r="A{n}"><v>2</v></c></row>',
            f'<row r="{n}"><c r="A{n}"><v>1</v></c></row><row r="{n}"><c r="B{n}"><v>1</v></c></row>',
            f'<row r="{n}"><c r="A{n}"><v>1</v></c></row><row r="{n - 2}"><c r="B{n - 2}"><v>1</v></c></row>',
            f'<row><c r="A{n}"><v>1</v></c></row>',
            f'<row r="{n}"><c><v>1</v></c></row>',
            f'<row r="0"><c r="A0"><v>{n}</v></c></row>',
            f'<row r="-{n}"><c r="A{n}"><v>1</v></c></row>',
            f'<row r="{n}"><c r="ABCD{n}"><v>1</v></c></row>',
            f'<row r="{n}"><c r="a{n}"><v>1</v></c></row>',
            f'<row r="{n}"><c r="A{n}" t="s"><v>99999</v></c></row>',
            f'<row r="{n}"><c r="A{n}" t="s"><v>-1</v></c></row>',
            f'<row r="{n}"><c r="A{n}" t="zzz"><v>1</v></c></row>',
            f'<row r="{n}"><c r="A{n}"><v>one</v></c></row>',
            f'<row r="{n}"><c r="A{n}" t="b"><v>2</v></c></row>',
            f'<row r="{n}"><x:c xmlns:x="u" r="A{n - 1}"><v>1</v></x:c></row>',
            f'<row r="{n}"><c r="A{n}"><c r="B{n}"><v>1</v></c></c></row>',
        )
    )
    parts = of.with_sheet(f"{HEAD}<sheetData>{sheet}</sheetData></worksheet>".encode())
    parts["docProps/x.xml"] = f"<x>{rng.random()}</x>".encode()
    return zip_parts(parts), Must(is_refused=True)


def empty(rng: Random, of: Paper) -> Case:
    """The template as it was handed out, and lines without end of blanks."""
    sheet = "".join(f'<row r="{n}"><c r="B{n}" s="1"/></row>' for n in range(4, rng.randrange(5, 6000)))
    head = of.parts()[of.part].decode()
    start, end = head.index('<row r="4"'), head.index("</sheetData>")
    parts = of.with_sheet((head[:start] + sheet + head[end:]).encode())
    return zip_parts(parts), Must(rows={of.sheet.key: {}, **of.others})


def _close(of: Paper, filling: Filling, extra: str = "") -> Case:
    return zip_parts(of.with_sheet(filling.xml(extra=extra))), filling.must
