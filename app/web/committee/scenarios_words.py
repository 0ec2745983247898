"""Terms and lists of scenarios in words and figures, for every page that shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from markupsafe import escape

from app.calls.queries import CallView
from app.kernel.canonical import canonical_json
from app.kernel.errors import Refused
from app.kernel.lean import dataclass
from app.kernel.money import format_million
from app.kernel.text import Text
from app.portfolio.allocation import allocate
from app.portfolio.facts import Allocation, Basis, Terms, UnmetFloor
from app.portfolio.queries import CallEntries
from app.portfolio.reasons import BOUND_NAMES, STANDING_NAMES, NameOf, name_limit, why
from app.portfolio.side_by_side import Counted, Moved, count, count_under
from app.web.committee.ranking import KINDS
from app.web.language import language, score, t
from app.web.tags import stage_tag, tag

BASIS_WORDS = {
    Basis.RAW: Text("คะแนนเฉลี่ย", "Raw means"),
    Basis.CALIBRATED: Text("คะแนนปรับเทียบ", "Calibrated scores"),
}
PLAIN = Text("ตามลำดับอย่างเดียว", "By rank alone")
PLAIN_ID = 0


@dataclass(frozen=True, slots=True)
class Laid:
    """A scenario's list, or why there is none: scores that cannot be calibrated or weighed."""

    terms: Terms
    allocation: Allocation | None
    refusal: Text | None

    @property
    def counted(self) -> Counted | None:
        return count(self.allocation) if self.allocation else None

    @property
    def unmet(self) -> tuple[UnmetFloor, ...]:
        return self.allocation.unmet if self.allocation else ()


@dataclass(frozen=True, slots=True)
class Tally:
    """What a scenario comes to, without its list; or why there is none."""

    terms: Terms
    counted: Counted | None
    unmet: tuple[UnmetFloor, ...]
    refusal: Text | None


def tally(entries: CallEntries, terms: Terms) -> Tally:
    """The few figures of a scenario."""
    try:
        counted, unmet = count_under(tuple(entries.under(terms)), canonical_json(terms.to_json()))
    except Refused as refusal:
        return Tally(terms, None, (), refusal.text)
    return Tally(terms, counted, unmet, None)


def lay(entries: CallEntries, terms: Terms) -> Laid:
    """The list of a call under these terms."""
    try:
        return Laid(terms, allocate(entries.under(terms), terms), None)
    except Refused as refusal:
        return Laid(terms, None, refusal.text)


def terms_in_words(terms: Terms, call: CallView, name_of: NameOf) -> list[tuple[str, list[str]]]:
    """What a scenario holds, as (label, lines); what it does not say is left out."""
    found = [
        (t("กรอบวงเงิน (ล้านบาท)", "Ceiling (million baht)"), [format_million(terms.ceiling)]),
        (t("จัดลำดับตาม", "Ranked by"), [BASIS_WORDS[terms.basis].say(language())]),
    ]
    if terms.weights:
        weights = [f"{c.name.say(language())} {terms.weights[c.code]} %" for c in call.rubric.criteria]
        found.append((t("น้ำหนัก", "Weights"), weights))
    limits = [
        f"{BOUND_NAMES[n.bound].say(language())} {format_million(n.amount)}: "
        f"{name_limit(n, name_of).say(language())}"
        for n in terms.limits
    ]
    lists = (
        (t("ขั้นต่ำและเพดาน (ล้านบาท)", "Floors and caps (million baht)"), limits),
        (t("ต้องจัดสรร", "Must be funded"), sorted(terms.must_fund)),
        (
            t("ต้องใช้โครงการอื่น", "Needs another"),
            [t("%s ต้องใช้ %s", "%s needs %s") % pair for pair in terms.needs],
        ),
        (t("รับได้โครงการเดียว", "Only one of"), [", ".join(group) for group in terms.exclusive]),
    )
    found += [(label, lines) for label, lines in lists if lines]
    if terms.partial:
        words = t("รับในวงเงินขั้นต่ำได้เมื่อวงเงินเต็มไม่พอ", "Where all does not fit, the least it works with")
        found.append((t("วงเงินบางส่วน", "Part of the amount"), [words]))
    return found


def unmet_in_words(unmet: Iterable[UnmetFloor], name_of: NameOf) -> list[str]:
    """Floors the list does not reach."""
    words = t("%s: ขั้นต่ำ %s ขาดอีก %s ล้านบาท", "%s: floor of %s, %s million baht short")
    return [
        words
        % (
            name_limit(u.limit, name_of).say(language()),
            format_million(u.limit.amount),
            format_million(u.short),
        )
        for u in unmet
    ]


Row = tuple[object, ...]


def rows_of(allocation: Allocation, call: CallView, name_of: NameOf) -> Iterator[Row]:
    """Each line as safe HTML strings, in the order of the template's columns: a thousand of them stand on one page."""
    code = language()
    calibrated = allocation.terms.basis is Basis.CALIBRATED
    stages = {c.code: stage_tag(c.code, c.name) for c in call.plan.stages}
    standings = {s: tag(KINDS[s], name) for s, name in STANDING_NAMES.items()}
    by_hand = tag("warn", Text("ปรับด้วยมือ", "By hand"))
    for line in allocation.lines:
        entry = line.entry
        yield (
            entry.proposal_id,
            line.rank or "–",
            entry.number,
            escape(entry.title.say(code) or entry.title.th),
            escape(entry.agency.say(code) or entry.agency.th),
            stages.get(entry.stage, ""),
            score(entry.calibrated if calibrated else line.mean),
            format_million(entry.requested),
            format_million(line.granted) if line.granted else "–",
            standings[line.standing],
            escape(why(line, code, name_of)),
            by_hand if entry.number in allocation.terms.adjustments else "",
        )


def moved_rows(moved: Sequence[Moved], name_of: NameOf) -> list[Mapping[str, object]]:
    """Who enters, leaves or changes its amount, for a template."""
    return [
        {
            "id": m.line.entry.proposal_id,
            "number": m.line.entry.number,
            "title": m.line.entry.title,
            "before": m.before,
            "after": m.after,
            "why": why(m.line, language(), name_of),
        }
        for m in moved
    ]
