"""Checking a decision book from its file alone: no database, no network, only the rules.

Each check is one step of the way from what was filed to what was decided; the first that fails names the first difference.
Ranking and allocation are computed anew by the same rules from the scores and terms in the file and must agree exactly.
Calibrated scores come from a fit in floating point, so another machine's may differ in the last digit: they may be one
hundredth of a point off, and the ranking is then replayed from those in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from app.calls.facts import Rubric
from app.calls.rules import read_rubric
from app.decisions.facts import GRANTING, Verdict
from app.figures.books.agreeing import differences
from app.figures.books.chain import Tampered, read_book
from app.figures.books.content import (
    METHODS,
    WHOLE_FIRST,
    Contents,
    PrintableContents,
    allocation_rows,
    ranking_rows,
)
from app.figures.books.sections import contents_of
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.errors import DomainError
from app.kernel.lean import dataclass
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.portfolio.allocation import allocate
from app.portfolio.facts import Allocation, Basis
from app.portfolio.rules import weighed
from app.proposals.freezing import facts_from_json
from app.reviews.design import Rating, Refusal
from app.reviews.facts import Panel


@dataclass(frozen=True, slots=True)
class Check:
    """One step, what it looked at, and its first difference; None when there is none."""

    name: Text
    seen: Text
    fault: Text | None = None


@dataclass(frozen=True, slots=True)
class Replay:
    """What became of a file: its head and contents where it could be read, and every check made, in order."""

    head: str
    contents: Contents | None
    checks: tuple[Check, ...]

    @property
    def fault(self) -> Text | None:
        """The first difference; None for a whole book that recomputes."""
        return next((check.fault for check in self.checks if check.fault is not None), None)


CHAIN = Text("สายโซ่ของส่วนต่าง ๆ", "The chain of sections")
DOCUMENTS = Text("เอกสารของรอบ", "The call's documents")
FILINGS = Text("ข้อเสนอที่ยื่น", "The filings")
SCORES = Text("คะแนน", "The scores")
CALIBRATION = Text("คะแนนปรับเทียบ", "The calibrated scores")
ALLOCATION = Text("การจัดลำดับและจัดสรร", "Ranking and allocation")
DECISIONS = Text("มติ", "The decisions")
PAPER = Text("เอกสารในสมุด", "The paper in the book")
UNREADABLE = Text("เนื้อหาไม่เป็นไปตามที่ขั้นนี้ต้องใช้ ({why})", "The content is not what this step needs ({why})")


def replay_book(data: bytes) -> Replay:
    """Check a book; every later step is left out once the file itself cannot be read."""
    try:
        book = read_book(data)
        contents = contents_of(book.sections)
    except Tampered as fault:
        return Replay("", None, (Check(CHAIN, Text("", ""), fault.text),))
    checks = [
        Check(
            CHAIN,
            Text(
                f"{len(book.sections)} ส่วน หัว {book.head}", f"{len(book.sections)} sections, head {book.head}"
            ),
        )
    ]
    steps: list[tuple[Text, Callable[[Contents], tuple[Text, Text | None]]]] = [
        (DOCUMENTS, _documents),
        (FILINGS, _filings),
        (SCORES, _scores),
        (CALIBRATION, _calibration),
        (ALLOCATION, _allocation),
        (DECISIONS, _decisions),
        (PAPER, _paper),
    ]
    checks += [_checked(name, step, contents) for name, step in steps]
    return Replay(book.head, contents, tuple(checks))


def _checked(name: Text, step: Callable[[Contents], tuple[Text, Text | None]], contents: Contents) -> Check:
    """A step made; content that a forger made unfit for it is a difference, never a fault of the program."""
    try:
        return Check(name, *step(contents))
    except (DomainError, LookupError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
        return Check(name, Text("", ""), UNREADABLE.fill(why=f"{type(error).__name__}: {error}"[:200]))


def _documents(contents: Contents) -> tuple[Text, Text | None]:
    seen = Text(f"{len(contents.documents)} ฉบับ", f"{len(contents.documents)} documents")
    hashes = {(d.kind, d.sha256) for d in contents.documents}
    for d in contents.documents:
        if sha256_text(canonical_json(d.content)) != d.sha256:
            return seen, Text(
                f"เอกสาร {d.kind} {d.code} รุ่น {d.version} ไม่ตรงกับ SHA-256 ของตน",
                f"Document {d.kind} {d.code} version {d.version} is not what its SHA-256 says",
            )
    call = contents.call
    for kind, sha256 in (
        ("plan", call.plan_sha256),
        ("rubric", call.rubric_sha256),
        ("rulebook", call.rulebook_sha256),
    ):
        if (kind, sha256) not in hashes:
            return seen, Text(f"ขาดเอกสาร {kind} ที่รอบใช้", f"The {kind} the call uses is missing")
    return seen, None


def _filings(contents: Contents) -> tuple[Text, Text | None]:
    seen = Text(f"{len(contents.filings):,} ฉบับ", f"{len(contents.filings):,} filings")
    for number, filed in contents.filings.items():
        if sha256_text(canonical_json(filed.facts)) != filed.sha256:
            return seen, Text(
                f"ข้อเสนอ {number} ถูกเปลี่ยน: ไม่ตรงกับ SHA-256 ที่รับไว้",
                f"Filing {number} was changed: it is not what its SHA-256 says",
            )
    for entry in contents.entries:
        if entry.number not in contents.filings:
            return seen, Text(f"ขาดข้อเสนอ {entry.number}", f"Filing {entry.number} is missing")
        facts = facts_from_json(contents.filings[entry.number].facts)
        for what, in_list, in_filing in (
            ("requested", entry.requested, facts.total),
            ("stage", entry.stage, facts.stage),
            ("guideline", entry.guideline, facts.guideline),
            ("title", entry.title, facts.title),
            ("least", entry.least, facts.reduced.amount if facts.reduced else None),
        ):
            if in_list != in_filing:
                return seen, Text(
                    f"ข้อเสนอ {entry.number}: {what} ในบัญชีคือ {in_list} แต่ที่ยื่นคือ {in_filing}",
                    f"Filing {entry.number}: {what} is {in_list} on the list and {in_filing} as filed",
                )
    return seen, None


def _rubrics(contents: Contents) -> dict[str, Rubric]:
    return {d.sha256: read_rubric(d.content) for d in contents.documents if d.kind == "rubric"}


def _scores(contents: Contents) -> tuple[Text, Text | None]:
    """Every total from its levels and its own rubric, and every panel from its reviews under the terms' weights."""
    rubrics = _rubrics(contents)
    seen = Text(f"{len(contents.scores):,} ฉบับ", f"{len(contents.scores):,} reviews")
    levels: dict[str, list[Mapping[str, int]]] = {}
    totals: dict[str, list[int]] = {}
    for review in contents.scores:
        rubric = rubrics.get(review.rubric_sha256)
        weights = {c.code: c.weight for c in rubric.criteria} if rubric else {}
        if not review.levels.keys() <= weights.keys():
            return seen, Text(
                f"ข้อเสนอ {review.number}: ผลพิจารณาใช้เกณฑ์ที่ไม่อยู่ในสมุด",
                f"Filing {review.number}: a review was scored by a rubric that is not in the book",
            )
        total = sum(weights[code] * level * 25 for code, level in review.levels.items())
        if total != review.total:
            return seen, Text(
                f"ข้อเสนอ {review.number}: คะแนนรวม {review.total} แต่คำนวณได้ {total}",
                f"Filing {review.number}: a total of {review.total} computes to {total}",
            )
        levels.setdefault(review.number, []).append(review.levels)
        totals.setdefault(review.number, []).append(total)
    weights = dict(contents.terms.weights)
    of_call = rubrics.get(contents.call.rubric_sha256)
    own = {c.code: c.weight for c in of_call.criteria} if of_call else {}
    for entry in contents.entries:
        given = totals.get(entry.number, [])
        panel = Panel(len(given), sum(given), sum(total * total for total in given))
        if weights and weights != own:
            panel = weighed({0: levels.get(entry.number, [])}, weights)[0]
        if panel != entry.panel:
            return seen, Text(
                f"ข้อเสนอ {entry.number}: คะแนนในบัญชีไม่ตรงกับผลพิจารณา",
                f"Filing {entry.number}: the scores on the list are not those of its reviews",
            )
    return seen, None


def _calibration(contents: Contents) -> tuple[Text, Text | None]:
    if contents.terms.basis is not Basis.CALIBRATED:
        return Text("ไม่ใช้จัดลำดับ", "Not ranked by"), None
    from app.reviews.calibration import calibrate  # imported late: numpy, scipy

    entries = {entry.number: entry for entry in contents.entries}
    found = calibrate(
        [
            Rating(entries[r.number].proposal_id, r.reviewer, r.total)
            for r in contents.scores
            if r.number in entries
        ]
    )
    if isinstance(found, Refusal):
        return Text("", ""), Text("คะแนนในสมุดนี้ปรับเทียบไม่ได้", "The scores of this book cannot be calibrated")
    computed = {row.proposal: row.calibrated for row in found.proposals}
    seen = Text(f"{len(computed):,} ข้อเสนอ", f"{len(computed):,} proposals")
    for entry in entries.values():
        if entry.panel.count and abs(computed[entry.proposal_id] - (entry.calibrated or 0)) > 1:
            return seen, Text(
                f"ข้อเสนอ {entry.number}: คะแนนปรับเทียบ {entry.calibrated} แต่คำนวณได้ {computed[entry.proposal_id]}",
                f"Filing {entry.number}: calibrated {entry.calibrated}, computed {computed[entry.proposal_id]}",
            )
    return seen, None


def _allocation(contents: Contents) -> tuple[Text, Text | None]:
    seen = Text(f"{len(contents.entries):,} บรรทัด", f"{len(contents.entries):,} lines")
    terms = contents.terms
    if (
        contents.scenario is not None
        and sha256_text(canonical_json(terms.to_json())) != contents.scenario.sha256
    ):
        return seen, Text("เงื่อนไขไม่ใช่ของฉากทัศน์ที่เลือกใช้", "The terms are not those of the adopted scenario")
    by_hand = {c.number: (c.kind, c.amount, c.reason) for c in contents.changes}
    if by_hand != {n: (a.kind.value, a.amount, a.reason) for n, a in terms.adjustments.items()}:
        return seen, Text("รายการที่ปรับไม่ตรงกับเงื่อนไข", "The changes by hand are not those of the terms")
    method = contents.allocation["method"]
    if method not in METHODS:
        return seen, Text(
            f"จัดสรรด้วยวิธี {method} ซึ่งโปรแกรมรุ่นนี้ไม่รู้จัก",
            f"Allocated by the method {method}, which this program does not know",
        )
    computed = _computed(contents)
    for stored, anew in (
        (contents.ranking, ranking_rows(computed.lines)),
        (contents.allocation["lines"], allocation_rows(computed, method)["lines"]),
    ):
        fault = _difference(stored, anew)
        if fault is not None:
            return seen, fault
    rest, anew = contents.allocation, allocation_rows(computed, method)
    if rest != anew:
        key = next((key for key in anew if rest.get(key) != anew[key]), "")
        return seen, Text(
            f"{key} ของการจัดสรรในสมุดคือ {rest.get(key)} แต่คำนวณใหม่ได้ {anew.get(key)}",
            f"{key} of the allocation is {rest.get(key)} in the book and {anew.get(key)} when computed anew",
        )
    return seen, None


def _computed(contents: Contents) -> Allocation:
    """The list anew, by the method of the book."""
    whole_first = contents.allocation["method"] == WHOLE_FIRST
    return allocate(contents.entries, contents.terms, whole_first=whole_first)


def _difference(stored: Sequence[Mapping[str, Any]], anew: Sequence[Mapping[str, Any]]) -> Text | None:
    """The first row and field that differ."""
    nothing: Mapping[str, Any] = {}
    for was, now in zip_longest(stored, anew, fillvalue=nothing):
        if was == now:
            continue
        key = next((key for key in {**now, **was} if was.get(key) != now.get(key)), "")
        number = now.get("number") or was.get("number")
        return Text(
            f"ข้อเสนอ {number}: {key} ในสมุดคือ {was.get(key)} แต่คำนวณใหม่ได้ {now.get(key)}",
            f"Filing {number}: {key} is {was.get(key)} in the book and {now.get(key)} when computed anew",
        )
    return None


def _decisions(contents: Contents) -> tuple[Text, Text | None]:
    asked = {entry.number: entry.requested for entry in contents.entries}
    total = sum(row.amount for row in contents.decisions)
    seen = Text(
        f"{len(contents.decisions):,} มติ รวม {format_baht(total)} บาท",
        f"{len(contents.decisions):,} decisions, {format_baht(total)} baht in all",
    )
    for row in contents.decisions:
        if row.number not in asked:
            return seen, Text(
                f"มติของ {row.number} ไม่มีข้อเสนอในบัญชี", f"A decision on {row.number}, which is not on the list"
            )
        if (Verdict(row.verdict) in GRANTING) != (row.amount > 0) or not 0 <= row.amount <= asked[row.number]:
            return seen, Text(
                f"ข้อเสนอ {row.number}: วงเงินตามมติเป็นไปไม่ได้",
                f"Filing {row.number}: an amount no decision can have",
            )
    if total > contents.call.ceiling:
        return seen, Text("วงเงินที่เห็นชอบรวมเกินกรอบ", "What was approved exceeds the ceiling")
    return seen, None


def _paper(contents: Contents) -> tuple[Text, Text | None]:
    """What would be printed says the same; a paper this program does not know is not printed by it either."""
    if not isinstance(contents, PrintableContents):
        return Text("โปรแกรมรุ่นนี้ไม่พิมพ์", "Not printed by this version of the program"), None
    seen = Text(f"{len(contents.figures.lines):,} รายการ", f"{len(contents.figures.lines):,} budget lines")
    part = next(differences(contents, _computed(contents)), None)
    if part is None:
        return seen, None
    return seen, Text(
        f"เอกสารในสมุดไม่ตรงกับส่วนอื่น ({part})", f"The paper says otherwise than the other sections ({part})"
    )
