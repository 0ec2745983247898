"""What another rulebook, or another run, concludes differently: finding by finding, and why a proposal flips.

In: runs as they were stored or as they would come out, with the judgements of people that count in them. Out: which
conclusions and findings change. Nothing is written; the same comparison serves trying a version out before it is
adopted, what a rerun changed, and any two runs of one proposal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from enum import StrEnum

from app.calls.facts import Rulebook, RuleEntry, Severity
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.findings import Finding, Outcome
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.screening.rules import ExplainedFinding, conclude, explain


@dataclass(frozen=True, slots=True)
class Judged:
    """A run as it is compared. `overrides` are the judgements that count in it, by rule."""

    rulebook: Rulebook
    findings: tuple[Finding, ...]
    overrides: Mapping[str, Outcome] = field(default_factory=dict)

    @property
    def concluded(self) -> Outcome:
        return conclude(self.findings, self.rulebook, self.overrides)


class Became(StrEnum):
    """What became of a finding."""

    CAME = "came"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class FindingChange:
    """A finding that came, went or reads otherwise, in the words of the rulebook each side was made under."""

    became: Became
    rule: str
    rule_name: Text
    before: ExplainedFinding | None
    after: ExplainedFinding | None


@dataclass(frozen=True, slots=True)
class RunChange:
    """One run against another. `before` is None where there was none; `silenced` names rules on which a person's
    judgement counted before and no longer does."""

    before: Outcome | None
    after: Outcome
    findings: tuple[FindingChange, ...]
    silenced: tuple[Text, ...] = ()

    @property
    def flips(self) -> bool:
        """Whether the conclusion is another."""
        return self.before is not self.after

    @property
    def is_empty(self) -> bool:
        return not (self.flips or self.findings or self.silenced)


def compare_runs(before: Judged | None, after: Judged) -> RunChange:
    """What changes from one run to the other. A finding in other words, but the same in fact, does not."""
    return RunChange(
        before=before.concluded if before else None,
        after=after.concluded,
        findings=tuple(_changes(before, after)),
        silenced=tuple(_silenced(before, after)) if before else (),
    )


def _changes(before: Judged | None, after: Judged) -> Iterator[FindingChange]:
    old_rules = {rule.code: rule for rule in before.rulebook.rules} if before else {}
    new_rules = {rule.code: rule for rule in after.rulebook.rules}
    old = _by_rule(before.findings if before else ())
    new = _by_rule(after.findings)
    for code in (*new_rules, *(code for code in old_rules if code not in new_rules)):
        weighs = (_weight(old_rules.get(code)), _weight(new_rules.get(code)))
        gone, came = _unmatched(old.get(code, []), new.get(code, []), same_weight=weighs[0] == weighs[1])
        rule = new_rules.get(code) or old_rules[code]
        for one, other in _paired(gone, came):
            kind = Became.CHANGED if one and other else Became.GONE if one else Became.CAME
            was = explain(one, before.rulebook) if one and before else None
            now = explain(other, after.rulebook) if other else None
            if was and now and _reads_the_same(was, now):
                continue
            yield FindingChange(kind, code, rule.name, was, now)


def _reads_the_same(was: ExplainedFinding, now: ExplainedFinding) -> bool:
    """Whether a reader could tell two findings apart: a number behind them may differ that no wording names."""
    same = (was.outcome, was.text, was.remedy) == (now.outcome, now.text, now.remedy)
    return same and (was.decides is now.decides or now.outcome is Outcome.PASSES)


def _by_rule(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.rule, []).append(finding)
    return found


def _weight(rule: RuleEntry | None) -> Severity | None:
    return rule.severity if rule else None


def _unmatched(
    old: list[Finding], new: list[Finding], *, same_weight: bool
) -> tuple[list[Finding], list[Finding]]:
    """The findings of one rule without those that both sides have. Where the rule began or ceased to decide, only
    what it lets pass is the same on both."""
    gone, came = [], list(new)
    for finding in old:
        same = next((other for other in came if _is_same(finding, other)), None)
        if same is None or not (same_weight or finding.outcome is Outcome.PASSES):
            gone.append(finding)
        else:
            came.remove(same)
    return gone, came


def _is_same(one: Finding, other: Finding) -> bool:
    if (one.outcome, one.reason, one.places) != (other.outcome, other.reason, other.places):
        return False
    # a stored finding has been through JSON, a fresh one has not
    return one.values == other.values or canonical_json(dict(one.values)) == canonical_json(
        dict(other.values)
    )


def _paired(gone: list[Finding], came: list[Finding]) -> Iterator[tuple[Finding | None, Finding | None]]:
    """Those that speak of the same thing together, the rest one by one: what went first."""
    left = list(came)
    pairs: list[tuple[Finding | None, Finding | None]] = []
    for finding in gone:
        same_place = [other for other in left if other.places == finding.places]
        same_reason = [other for other in left if other.reason == finding.reason]
        alone = left if len(gone) == len(came) == 1 else []
        partner = next(iter((*same_place, *same_reason, *alone)), None)
        if partner is not None:
            left.remove(partner)
        pairs.append((finding, partner))
    yield from pairs
    for finding in left:
        yield None, finding


def _silenced(before: Judged, after: Judged) -> Iterator[Text]:
    counted = _counting(before)
    still = _counting(after)
    for rule in before.rulebook.rules:
        if rule.code in counted and rule.code not in still:
            yield rule.name


def _counting(run: Judged) -> set[str]:
    """The rules on which a judgement stands in for what was found: those that decide and found something."""
    found = {finding.rule for finding in run.findings}
    deciding = {rule.code for rule in run.rulebook.rules if rule.severity is Severity.DECIDES}
    return set(run.overrides) & found & deciding


class Around(StrEnum):
    """Which knowledge around a filing a version is tried with: what its latest run knew, so that nothing but the rules
    differs; or what is known now, as a rerun would find it."""

    THEN = "then"
    NOW = "now"


@dataclass(frozen=True, slots=True)
class Tried:
    """A filing under the version tried out, against what counts now.

    `by_rules`: the version in use would not find the same under the same circumstances. `by_circumstances`: the version
    in use itself would now find other things than it did. `stays` says why a rerun would not touch the proposal.
    """

    proposal_id: int
    number: str
    title: Text
    agency: Text
    state: str
    basis: str  # all the comparison rests on, to see whether it still holds
    change: RunChange
    by_rules: bool
    by_circumstances: bool
    stays: Text | None


@dataclass(frozen=True, slots=True)
class Trial:
    """A version tried out on all filings of a call; `rows` by number."""

    rows: tuple[Tried, ...]

    @property
    def flips(self) -> Counter[tuple[Outcome | None, Outcome]]:
        """(from, to) -> how many conclusions go that way."""
        return Counter((row.change.before, row.change.after) for row in self.rows if row.change.flips)

    @property
    def changed(self) -> tuple[Tried, ...]:
        """Those whose conclusion or findings change."""
        return tuple(row for row in self.rows if not row.change.is_empty)

    @property
    def token(self) -> str:
        """Another one as soon as anything the trial rests on, or comes to, is another."""
        return sha256_text(
            canonical_json([[row.proposal_id, row.state, row.basis, row.change.after] for row in self.rows])
        )
