"""Checking a decision book from its file alone: no database, no network, only the rules.

Each check is one step of the way from what was filed to what was decided; the first that fails names the first difference.
Ranking and allocation are computed anew by the same rules from the scores and terms in the file and must agree exactly.
Calibrated scores come from a fit in floating point, so another machine's may differ in the last digit: they may be one
hundredth of a point off, and the ranking is then replayed from those in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from app.calls.facts import Rubric
from app.calls.rules import read_rubric
from app.decisions.facts import GRANTING, Verdict
from app.figures.books.chain import Tampered, read_book
from app.figures.books.content import METHOD, Contents
from app.figures.books.sections import contents_of, sections_of
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.portfolio.allocation import allocate
from app.portfolio.facts import Basis, Entry, Line
from app.portfolio.rules import weighed
from app.proposals.freezing import facts_from_json
from app.reviews.design import Rating, Refusal
from app.reviews.facts import Panel

NO_REVIEWS = Panel(0, 0, 0)


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
DERIVED = Text("ตารางในแฟ้ม", "The tables of the file")


def replay_book(data: bytes) -> Replay:
    """Check a book; every later step is left out once the file itself cannot be read."""
    try:
        book = read_book(data)
        contents = contents_of(dict(book.sections))
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
    ]
    checks += [Check(name, *step(contents)) for name, step in steps]
    checks.append(Check(DERIVED, *_derived(contents, book.sections)))
    return Replay(book.head, contents, tuple(checks))


def _documents(contents: Contents) -> tuple[Text, Text | None]:
    seen = Text(f"{len(contents.documents)} ฉบับ", f"{len(contents.documents)} documents")
    hashes = {(d.kind, d.sha256) for d in contents.documents}
    for d in contents.documents:
        if sha256_text(canonical_json(d.content)) != d.sha256:
            return seen, Text(
                f"เอกสาร {d.kind} {d.code} รุ่น {d.version} ไม่ตรงกับ SHA-256 ของตน",
                f"Document {d.kind} {d.code} version {d.version} is not what its SHA-256 says",
            )
    call = contents.figures.page.call
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
    for b in contents.figures.page.lines:
        entry = b.line.entry
        filed = contents.filings.get(entry.number)
        if filed is None:
            return seen, Text(f"ขาดข้อเสนอ {entry.number}", f"Filing {entry.number} is missing")
        if sha256_text(canonical_json(filed)) != contents.figures.facts.get(entry.proposal_id):
            return seen, Text(
                f"ข้อเสนอ {entry.number} ถูกเปลี่ยน: ไม่ตรงกับ SHA-256 ที่รับไว้",
                f"Filing {entry.number} was changed: it is not what its SHA-256 says",
            )
        facts = facts_from_json(filed)
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
    own = {c.code: c.weight for c in contents.figures.page.call.rubric.criteria}
    for b in contents.figures.page.lines:
        entry = b.line.entry
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

    entries = {b.line.entry.number: b.line.entry for b in contents.figures.page.lines}
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
    lines = [b.line for b in contents.figures.page.lines]
    seen = Text(f"{len(lines):,} บรรทัด", f"{len(lines):,} lines")
    computed = allocate([line.entry for line in lines], contents.terms).lines
    for stored, anew in zip(lines, computed, strict=True):
        if stored != anew:
            return seen, _difference(stored, anew)
    return seen, None


def _difference(stored: Line, anew: Line) -> Text:
    name = next((f.name for f in fields(Line) if getattr(stored, f.name) != getattr(anew, f.name)), "")
    was, now = getattr(stored, name), getattr(anew, name)
    if isinstance(was, Entry) and isinstance(now, Entry):
        name, was, now = "number", was.number, now.number
    number = stored.entry.number
    return Text(
        f"ข้อเสนอ {number}: {name} ในสมุดคือ {was} แต่คำนวณใหม่ได้ {now}",
        f"Filing {number}: {name} is {was} in the book and {now} when computed anew",
    )


def _decisions(contents: Contents) -> tuple[Text, Text | None]:
    rows = {row.number: row for row in contents.decisions}
    total = sum(row.amount for row in rows.values())
    seen = Text(
        f"{len(rows):,} มติ รวม {format_baht(total)} บาท",
        f"{len(rows):,} decisions, {format_baht(total)} baht in all",
    )
    for b in contents.figures.page.lines:
        number, row = b.line.entry.number, rows.get(b.line.entry.number)
        verdict = Verdict(row.verdict) if row else None
        granted = row.amount if row and verdict in GRANTING else 0
        if (b.verdict, b.approved) != (verdict, granted):
            return seen, Text(
                f"ข้อเสนอ {number}: มติในบัญชีไม่ตรงกับมติที่บันทึก",
                f"Filing {number}: the decision on the list is not the one recorded",
            )
        if granted > b.line.entry.requested:
            return seen, Text(
                f"ข้อเสนอ {number}: เห็นชอบเกินที่ขอ", f"Filing {number}: approved above what was asked"
            )
    if total > contents.figures.page.call.ceiling:
        return seen, Text("วงเงินที่เห็นชอบรวมเกินกรอบ", "What was approved exceeds the ceiling")
    return seen, None


def _derived(contents: Contents, sections: Mapping[str, object]) -> tuple[Text, Text | None]:
    """The sections that follow from others say the same as those."""
    method = f"{METHOD['name']} {METHOD['version']}"
    seen = Text(f"วิธี {method}", f"method {method}")
    for name, content in sections_of(contents).items():
        if canonical_json(content) != canonical_json(sections[name]):
            return seen, Text(
                f"ส่วน “{name}” ไม่ตรงกับที่คำนวณจากส่วนอื่น", f"Section “{name}” is not what follows from the others"
            )
    return seen, None
