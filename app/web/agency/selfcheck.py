"""The live self-check beside a form: what the screening rules say of the draft as it stands, and how complete it is.

The same rules as on filing, run over what is saved. The panel is drawn with the page and comes anew with every save.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.kernel.findings import Outcome, Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.drafts import PART_SECTIONS, home_of
from app.proposals.sections import Progress, SectionProgress, list_required
from app.screening.actions import situation_of
from app.screening.rules import explain, screen
from app.web.agency.board import OpenProposal, place_url
from app.web.filing import RuleResult, group_findings

if TYPE_CHECKING:
    from app.web.agency.section import SectionForm

MOST_SHOWN = 6  # problems of the section at hand


@dataclass(frozen=True, slots=True)
class Meter:
    """How complete a section is: `done` of `needed` things, and the page to mend it on."""

    name: Text
    url: str
    done: int
    needed: int
    state: Progress
    is_here: bool


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """The panel beside a form. `rules` are those of the whole proposal; of a participant's part only the meters and
    what is to be mended in it."""

    form: SectionForm
    outcome: Outcome
    rules: tuple[RuleResult, ...]
    meters: tuple[Meter, ...]
    problems: tuple[Problem, ...]

    @property
    def first(self) -> tuple[Problem, ...]:
        return self.problems[:MOST_SHOWN]

    @property
    def more(self) -> int:
        """Problems beyond those shown."""
        return max(0, len(self.problems) - MOST_SHOWN)

    @property
    def failing(self) -> tuple[RuleResult, ...]:
        """Rules that decide and do not pass."""
        return tuple(r for r in self.rules if r.decides and r.outcome is not Outcome.PASSES)

    @property
    def passing(self) -> int:
        return sum(1 for r in self.rules if r.decides and r.outcome is Outcome.PASSES)

    def place_url(self, place: str) -> str:
        """The address of a place of the whole proposal; on this very page, just the field."""
        view = self.form.opened.view
        home = home_of(place, view.draft, view.joined)
        code = "" if self.form.part is None else self.form.part.code
        if (home.agency, home.section) == (code, self.form.section):
            return f"#{home.place}"
        return place_url(self.form.opened, place)


def self_check(form: SectionForm) -> SelfCheck:
    """The panel for a form, from the proposal as it is laid open."""
    opened = form.opened
    call = opened.call
    result = screen(opened.facts, call.rulebook, situation_of(call))
    return SelfCheck(
        form=form,
        outcome=result.outcome,
        rules=tuple(group_findings([explain(f, call.rulebook) for f in result.findings])),
        meters=_part_meters(form) if form.part else _meters(form, opened.progress),
        problems=form.problems,
    )


def _meters(form: SectionForm, progress: list[SectionProgress]) -> tuple[Meter, ...]:
    from app.web.agency.board import section_url

    required = _count(form.opened)
    return tuple(
        _meter(
            p.name,
            section_url(form.opened.id, p.section),
            len(p.problems),
            required.get(p.section, 0),
            p.state,
            is_here=p.section == form.section,
        )
        for p in progress
        if p.section != "attachments"
    )


def _count(opened: OpenProposal) -> Mapping[str, int]:
    """Section -> how many things it asks for, as it is filled in now."""
    counts: dict[str, int] = {}
    for problem in list_required(opened.facts, opened.call.plan):
        home = home_of(problem.place, opened.view.draft, opened.view.joined)
        key = f"{home.agency}/{home.section}" if home.agency else problem.section
        counts[key] = counts.get(key, 0) + 1
    return counts


def _part_meters(form: SectionForm) -> tuple[Meter, ...]:
    from app.web.agency.section import SectionForm as Form

    assert form.part is not None
    required = _count(form.opened)
    meters = []
    for section, name in PART_SECTIONS.items():
        other = Form(form.opened, section, form.part)
        needed = required.get(f"{form.part.code}/{section}", 0)
        problems = other.problems
        state = Progress.NOT_STARTED
        if form.part.part[section]["rows"]:
            state = Progress.INCOMPLETE if problems else Progress.COMPLETE
        meters.append(
            _meter(name, other.url(), len(problems), needed, state, is_here=section == form.section)
        )
    return tuple(meters)


def _meter(name: Text, url: str, problems: int, needed: int, state: Progress, *, is_here: bool) -> Meter:
    needed = max(needed, problems)
    return Meter(name, url, needed - problems, needed, state, is_here)
