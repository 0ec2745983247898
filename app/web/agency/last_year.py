"""What the project continued said, section by section, for reading beside the form of the proposal that continues it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flask import url_for

from app.calls.facts import ORIGIN_LABELS, Origin, PlanStructure
from app.decisions.facts import GRANTING
from app.decisions.queries import DecisionView, decisions_on
from app.kernel.db import db
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.carrying import Note, committed_for
from app.proposals.facts import AgencyRef, BudgetLine, Indicator, Integration, ProposalFacts, SharedService
from app.proposals.queries import Source, find_continued
from app.proposals.results import IndicatorResult, ProjectResults
from app.proposals.states import RECORDED
from app.web.agency.board import OpenProposal


@dataclass(frozen=True, slots=True)
class OldLine:
    """A budget line of the project continued. `number` is its place there; satang. `approved` is None where the
    committee decided on the whole amount only; `committed` is what it bound for this call's fiscal year."""

    number: int
    line: BudgetLine
    approved: int | None
    committed: int


@dataclass(frozen=True, slots=True)
class OldAgency:
    """The lines of one agency. Amounts in satang."""

    name: Text
    lines: tuple[OldLine, ...]

    @property
    def asked(self) -> int:
        return sum(one.line.amount for one in self.lines)

    @property
    def committed(self) -> int:
        return sum(one.committed for one in self.lines)

    @property
    def approved(self) -> int | None:
        """None where the committee decided on the whole amount only."""
        known = [one.approved for one in self.lines if one.approved is not None]
        return sum(known) if len(known) == len(self.lines) else None


@dataclass(frozen=True)
class LastYear:
    """The project continued, as one section's form shows it; on a participant's form only what was that agency's."""

    section: str
    source: Source
    facts: ProposalFacts
    decision: DecisionView | None  # asked for beside the budget only
    notes: tuple[Note, ...]
    years: int
    url: str
    shown: tuple[AgencyRef, ...]  # whose lines are shown: of all agencies, or of the participant alone
    is_part: bool

    @property
    def plan(self) -> PlanStructure:
        """The plan it was filed under."""
        return self.source.plan

    @property
    def label(self) -> Text | None:
        """What must stand beside its figures, such as "synthetic"."""
        return ORIGIN_LABELS[Origin(self.facts.origin)]

    @property
    def is_recorded(self) -> bool:
        return self.source.state == RECORDED

    @property
    def results(self) -> ProjectResults | None:
        """What became of it, as last reported; None where nothing was."""
        return self.source.results

    def result_of(self, indicator: Indicator) -> IndicatorResult | None:
        """What one of its indicators reached; the form of a part shows only some of them."""
        if self.results is None:
            return None
        return self.results.of_indicator(self.source.facts.indicators.index(indicator) + 1)

    @property
    def granted(self) -> int | None:
        """What the committee approved in all, satang; None before its decision, and for a recorded project."""
        return self.decision.amount if self.decision else None

    @property
    def is_cut(self) -> bool:
        """Whether less was approved than asked for: then no line has an approved amount of its own."""
        decision = self.decision
        return (
            decision is not None
            and decision.verdict in GRANTING
            and decision.amount != self.source.facts.total
        )

    @property
    def agencies(self) -> list[OldAgency]:
        """Its budget lines by agency, the lead first."""
        return [
            OldAgency(agency.name, lines)
            for agency in self.shown
            if (lines := tuple(self._lines(agency.code)))
        ]

    def _lines(self, code: str) -> Iterator[OldLine]:
        for number, line in enumerate(self.source.facts.lines, 1):
            if line.agency == code:
                yield OldLine(number, line, self._approved(line), committed_for(line, self.years))

    def _approved(self, line: BudgetLine) -> int | None:
        if self.decision is None or self.is_cut:
            return None
        return line.amount if self.decision.verdict in GRANTING else 0

    @property
    def approved(self) -> int:
        """What was approved of the lines shown, satang, where the committee approved them as asked or refused them."""
        return sum(agency.approved or 0 for agency in self.agencies)

    @property
    def committed(self) -> int:
        """What it bound for this call's fiscal year, satang."""
        return sum(agency.committed for agency in self.agencies)


def last_year(opened: OpenProposal, section: str, code: str = "") -> LastYear | None:
    """What stands beside a section's form; None where nothing is continued. `code` is the participant whose part it
    is, "" for the lead. One query, two for the budget; the reader writes the section."""
    continued = opened.view.continues
    source = find_continued(db.session(), continued) if continued else None
    if source is None:
        return None
    facts, shown = source.facts, source.facts.agencies
    notes: tuple[Note, ...] = ()
    if code:
        name = opened.directory[code].name
        shown = tuple(a for a in facts.agencies if a.code == code or a.name.th == name.th)
        facts = _of_agencies(facts, shown)
    else:
        notes = source.carried_into(opened.call, opened.directory).notes_of(section)
    return LastYear(
        section=section,
        source=source,
        facts=facts,
        decision=decisions_on(db.session(), [source.id]).get(source.id) if section == "budget" else None,
        notes=notes,
        years=opened.call.fiscal_year - facts.fiscal_year,
        url=url_for("agency.proposal", proposal_id=source.id) if shown else "",
        shown=shown,
        is_part=bool(code),
    )


def _of_agencies(facts: ProposalFacts, shown: tuple[AgencyRef, ...]) -> ProposalFacts:
    """What these agencies claimed in a filing, without what the others said there."""
    codes = {agency.code for agency in shown}
    links = tuple(link for link in facts.integration.links if link.agency in codes)
    nothing = SharedService("", None, False, ())
    return replace(
        facts,
        integration=Integration(("link",) if links else (), links, "", "", "", "", nothing),
        indicators=tuple(k for k in facts.indicators if k.agency in codes),
        lines=tuple(line for line in facts.lines if line.agency in codes),
    )
