"""The workbook calculates what our own code computes: as printed, and after anything is typed into it."""

from __future__ import annotations

import random
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from app.figures.live.laying import carried_terms, lay_out
from app.figures.live.terms_form import CALIBRATED, RAW
from app.figures.live.words import NO, YES, inclusion_words
from app.figures.pen import Pen
from app.portfolio.facts import (
    Adjusting,
    Adjustment,
    Allocation,
    Basis,
    Bound,
    Dimension,
    Ground,
    Limit,
    Terms,
)
from reports import Document
from tests.figures.live_portfolio import (
    PLAN,
    RUBRIC,
    WEIGHTS,
    Portfolio,
    Sheets,
    live_document,
    make_adjustments,
    make_portfolio,
    make_terms,
    with_groups,
    written,
)

calculates = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
PEN = Pen("th")
HANDS = {Adjusting.TAKE: 1, Adjusting.LEAVE: -1, Adjusting.CUT: 0}


def recalculated(folder: Path, books: list[bytes]) -> list[bytes]:
    """The books as LibreOffice calculates them, all in one go."""
    names = [f"book{n}.xlsx" for n in range(len(books))]
    for name, data in zip(names, books, strict=True):
        (folder / name).write_bytes(data)
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to",
         "xlsx:Calc MS Excel 2007 XML", "--outdir", "again", *names],
        cwd=folder, check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    return [(folder / "again" / name).read_bytes() for name in names]


def same(one: Any, other: Any) -> bool:
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) < 1e-9 * max(1, abs(one))
    return (one or "") == (other or "")


@dataclass
class Case:
    """A portfolio printed under some terms, typed into until it has others."""

    portfolio: Portfolio
    printed: Allocation
    wanted: Terms

    def typed(self) -> bytes:
        document = live_document(self.portfolio, self.printed)
        sheets = Sheets(document, written(document), values=False)
        terms, words = self.wanted, inclusion_words(PEN)
        sheets.line("ceiling").value = terms.ceiling / 100
        for n, weight in enumerate((terms.weights or WEIGHTS).values(), 1):
            sheets.line(f"w0_{n}").value = weight
        if any(line.key == "partial" for line in sheets.grids["terms"].table.lines):
            sheets.line("partial").value = PEN.name(YES if terms.partial else NO)
        if any(line.key == "basis" for line in sheets.grids["terms"].table.lines):
            sheets.line("basis").value = PEN.name(CALIBRATED if terms.basis is Basis.CALIBRATED else RAW)
        for row, number in enumerate(sheets.column("ranked", "number")):
            adjustment = terms.adjustments.get(number)
            hand = HANDS[adjustment.kind] if adjustment else 0
            sheets.cell("ranked", "inclusion", row).value = words[hand]
            amount = adjustment.amount if adjustment else None
            sheets.cell("ranked", "cut", row).value = None if amount is None else amount / 100
        caps = {limit.code: limit.amount for limit in terms.limits}
        for row, code in enumerate(_groups(self.printed)):
            sheets.cell("caps", "cap", row).value = caps[code] / 100 if code in caps else None
        return sheets.saved()

    def check(self, data: bytes) -> None:
        """The recalculated book against our own code under the terms typed in."""
        printed = Sheets(live_document(self.portfolio, self.printed), data)
        ours = self.portfolio.under(self.wanted)
        document = live_document(self.portfolio, ours)
        expected = Sheets(document, written(document))
        for key in set(expected.grids["walk"].position) - {
            "at"
        }:  # rows of the list of projects, in its own order
            assert_same(printed.column("walk", key), expected.column("walk", key), f"walk.{key}")
        keys = (
            "rank",
            "mean",
            "spread",
            "standing",
            "why",
            "in_amount",
            "is_in",
            "cumulative",
            "score",
            "mode",
        )
        for key in keys:
            by_number = dict(
                zip(expected.column("ranked", "number"), expected.column("ranked", key), strict=True)
            )
            found = dict(zip(printed.column("ranked", "number"), printed.column("ranked", key), strict=True))
            assert_same(list(found.values()), [by_number[n] for n in found], f"ranked.{key}")
        for table, names in (
            ("stages", "name"),
            ("guidelines", "name"),
            ("ministries", "name"),
            ("caps", "words"),
        ):
            for key in ("in_projects", "in_amount") if table != "caps" else ("projects", "granted", "room"):
                by_name = dict(zip(expected.column(table, names), expected.column(table, key), strict=True))
                found = dict(zip(printed.column(table, names), printed.column(table, key), strict=True))
                assert_same(list(found.values()), [by_name[n] for n in found], f"{table}.{key}")
        assert_same(printed.column("quarters", "within"), expected.column("quarters", "within"), "quarters")
        for key in ("in_projects", "in_amount", "left", "first_out", "cut_number", "cut_mean", "last_in"):
            assert same(printed.line(key).value, expected.line(key).value), key
        before = {line.entry.number: line.granted > 0 for line in self.printed.lines}
        after = {line.entry.number: line.granted > 0 for line in ours.lines}
        assert printed.line("came_in").value == sum(after[n] and not before[n] for n in before)
        assert printed.line("went_out").value == sum(before[n] and not after[n] for n in before)
        # and what the sheet says is what the rules say
        assert [round((cell or 0) * 100) for cell in printed.column("walk", "granted")] == [
            line.granted for line in ours.lines if line.rank
        ]


def _groups(allocation: Allocation) -> list[str]:
    places = {line.entry.number: n for n, line in enumerate(allocation.lines, 1)}
    return [group.code for group in lay_out(allocation, PLAN, (RUBRIC,), places).groups]


def assert_same(found: list[Any], expected: list[Any], what: str) -> None:
    assert len(found) == len(expected), what
    off = [
        (n, one, other)
        for n, (one, other) in enumerate(zip(found, expected, strict=True))
        if not same(one, other)
    ]
    assert not off, f"{what}: {off[:3]}"


def printed_documents() -> list[Document]:
    documents = []
    for seed in range(5):
        chance = random.Random(f"stored-{seed}")
        portfolio = make_portfolio(chance)
        terms = make_terms(chance, portfolio, plain=seed == 0)
        if seed > 2:
            terms = with_groups(chance, terms, portfolio)
        documents.append(live_document(portfolio, portfolio.under(terms), "en" if seed % 2 else "th"))
    portfolio, terms = all_must_be_funded()
    return [*documents, live_document(portfolio, portfolio.under(terms))]


def all_must_be_funded() -> tuple[Portfolio, Terms]:
    """Everybody must be funded, all would work with half, and the ceiling holds three fifths of what is asked."""
    portfolio = make_portfolio(random.Random("must"))
    entries = tuple(replace(entry, least=(entry.requested + 1) // 2) for entry in portfolio.entries)
    portfolio = replace(portfolio, entries=entries)
    ranked = [entry for entry in entries if portfolio.levels.get(entry.proposal_id)]
    terms = Terms(
        sum(entry.requested for entry in ranked) * 3 // 5,
        must_fund=frozenset(entry.number for entry in ranked),
        partial=True,
    )
    grounds = {line.ground for line in portfolio.under(terms).lines}
    assert {Ground.MUST_FUND, Ground.MUST_REDUCED, Ground.CEILING} <= grounds
    return portfolio, terms


def typed_cases() -> list[Case]:
    """Each printed under some terms, then given a weight, a ceiling, choices and a cap, or several of these."""
    cases = []
    for seed in range(7):
        chance = random.Random(f"typed-{seed}")
        portfolio = make_portfolio(chance)
        printed = make_terms(chance, portfolio, plain=seed < 2)
        wanted = printed
        if seed % 3 != 1:
            one, other = chance.sample(list(WEIGHTS), 2)
            moved = min(WEIGHTS[one], chance.randrange(1, 10))
            weights = {**WEIGHTS, one: WEIGHTS[one] - moved, other: WEIGHTS[other] + moved}
            wanted = replace(wanted, weights=weights)
        if seed % 3 != 2:
            wanted = replace(wanted, ceiling=wanted.ceiling * chance.randrange(50, 140) // 100)
        if seed % 2:
            group = chance.choice(portfolio.entries).ministry_code
            most = wanted.ceiling * chance.randrange(5, 50) // 100
            kept = tuple(limit for limit in wanted.limits if limit.code != group)
            wanted = replace(
                wanted,
                adjustments=make_adjustments(chance, portfolio),
                limits=(*kept, Limit(Dimension.MINISTRY, group, Bound.CAP, most)),
            )
        cases.append(Case(portfolio, portfolio.under(printed), wanted))
    portfolio, terms = all_must_be_funded()
    cases.append(Case(portfolio, portfolio.under(terms), replace(terms, ceiling=terms.ceiling * 5 // 4)))
    return cases


@calculates
def test_a_spreadsheet_comes_to_what_our_own_code_computes(tmp_path: Path) -> None:
    """As printed, every result stored beside a formula; and what is typed in leads where our rules lead. In one go:
    LibreOffice takes longer to start than to calculate."""
    documents, cases = printed_documents(), typed_cases()
    books = [written(document) for document in documents]
    forgotten = [Sheets(d, b, values=False).saved() for d, b in zip(documents, books, strict=True)]
    again = recalculated(tmp_path, [*forgotten, *(case.typed() for case in cases)])
    for document, data, anew in zip(documents, books, again, strict=False):
        stored, found = Sheets(document, data), Sheets(document, anew)
        assert set(stored.grids) >= {"terms", "walk", "ranked", "caps", "scores", "stages", "quarters"}
        for name in stored.grids:
            for key in stored.grids[name].position:
                assert_same(found.column(name, key), stored.column(name, key), f"{name}.{key}")
    for case, data in zip(cases, again[len(documents) :], strict=True):
        case.check(data)


def test_cells_to_type_into_are_open_and_held_to_what_may_be_typed() -> None:
    portfolio = make_portfolio(random.Random("entries"))
    document = live_document(portfolio, portfolio.under(Terms(10**11)))
    sheets = Sheets(document, written(document), values=False)
    for table in ("terms", "ranked", "walk", "caps", "details"):
        assert sheets.book[sheets.grids[table].sheet_name].protection.sheet, table
    typed = [sheets.line("ceiling"), sheets.line("w0_1"), sheets.cell("caps", "cap", 0)]
    typed += [sheets.cell("ranked", key, 3) for key in ("inclusion", "cut")]
    for cell in typed:
        assert not cell.protection.locked
        rules = [
            rule for rule in cell.parent.data_validations.dataValidation if cell.coordinate in rule.sqref
        ]
        assert [bool(rule.prompt and rule.error) for rule in rules] == [True]
    for cell in (sheets.line("left"), sheets.cell("ranked", "rank", 3), sheets.cell("walk", "left", 0)):
        assert cell.protection.locked
        assert str(cell.value).startswith("=")
    # a title that begins like a formula is text, in the list and where a formula fetches it
    assert sheets.cell("ranked", "title", 0).data_type == "s"
    stored = Sheets(document, written(document))
    assert str(stored.cell("walk", "title", 0).value).startswith("=โครงการ")


def test_what_formulas_do_not_carry_is_typed_in_beforehand_and_leads_to_the_same_list() -> None:
    preset = 0
    for seed in range(300):
        chance = random.Random(f"beforehand-{seed}")
        portfolio = make_portfolio(chance)
        terms = with_groups(chance, make_terms(chance, portfolio), portfolio)
        whole = portfolio.under(terms)
        carried, presets = carried_terms(whole)
        preset += len(presets)
        assert (carried.needs, carried.exclusive) == ((), ())
        assert all(limit.bound is Bound.CAP for limit in carried.limits)
        alone = portfolio.under(carried)
        assert {x.entry.number: x.granted for x in alone.lines} == {
            x.entry.number: x.granted for x in whole.lines
        }
    assert preset > 100


def test_a_plain_list_has_nothing_typed_in_beforehand() -> None:
    chance = random.Random(1)
    portfolio = make_portfolio(chance)
    allocation = portfolio.under(
        replace(
            make_terms(chance, portfolio, plain=True),
            adjustments={"2567-0003": Adjustment(Adjusting.LEAVE, None, "ก")},
        )
    )
    carried, presets = carried_terms(allocation)
    assert (carried, presets) == (allocation.terms, {})
