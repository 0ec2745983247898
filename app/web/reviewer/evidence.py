"""Where to look while scoring: the places of the filing and beside it, at the top of the desk and at each criterion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask import url_for
from sqlalchemy.orm import Session

from app.kernel.findings import Outcome
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.queries import Source, find_continued
from app.reviews.queries import AssignmentView
from app.screening.queries import RunView, find_latest_run
from app.screening.rules import ExplainedFinding
from app.web.filing import RuleResult, group_findings

# criterion -> what tells most about it; one that the rubric names and this table does not has the general ones
_FOR_CRITERION: dict[str, tuple[str, ...]] = {
    "integration": ("integration", "linkage", "findings"),
    "duplication": ("overlap", "findings", "linkage"),
    "economy": ("budget", "last_year", "findings"),
    "technology": ("integration", "rationale", "attachments"),
    "benefit": ("rationale", "indicators", "last_year"),
    "readiness": ("budget", "attachments", "last_year"),
}
_GENERAL = ("rationale", "budget", "findings")
_OVERLAP_CHECKS = ("overlap", "duplicate")  # what is waiting for a person first, then what was judged
RESEMBLES = Text(
    "คล้ายกับข้อเสนออื่นในระบบ ฝ่ายเลขานุการเป็นผู้วินิจฉัยว่าซ้ำซ้อนหรือไม่",
    "Resembles another filing. Whether it is a duplicate is for the secretariat to judge.",
)


@dataclass(frozen=True, slots=True)
class Jump:
    """A link to evidence; `is_here`: on this very page."""

    words: Text
    url: str

    @property
    def is_here(self) -> bool:
        return self.url.startswith("#")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a desk shows beside the facts, and the ways to it."""

    run: RunView | None
    results: Sequence[RuleResult]
    earlier: Source | None
    jumps: Mapping[str, Jump]

    def for_criterion(self, code: str) -> list[Jump]:
        """The ways that matter for one criterion, as far as they exist."""
        wanted = _FOR_CRITERION.get(code, _GENERAL)
        return [self.jumps[name] for name in wanted if name in self.jumps]


def evidence_for(session: Session, own: AssignmentView, since: int) -> Evidence:
    """The evidence of one review. `since` is the filing its scores are about.

    What a rule found about likeness to other filings is told in general words: a reviewer reads the filings given to
    them and no others, so neither number nor title of another one stands here. At most four queries.
    """
    filing = own.filing
    run = find_latest_run(session, own.proposal_id, frozenset())
    results = group_findings(_veiled(run), run.overrides) if run else []
    continued = filing.facts.continues
    earlier = find_continued(session, continued) if continued else None
    jumps = {
        "integration": Jump(Text("การบูรณาการ", "Integration"), "#filed-integration"),
        "rationale": Jump(Text("เหตุผลและผลผลิต", "Rationale"), "#filed-rationale"),
        "indicators": Jump(Text("ตัวชี้วัด", "Indicators"), "#filed-indicators"),
        "budget": Jump(Text("งบประมาณ", "Budget"), "#filed-budget"),
        "linkage": Jump(
            Text("ภาพการเชื่อมโยง", "Links as a picture"),
            url_for("secretariat.linkage_proposal", proposal_id=own.proposal_id),
        ),
    }
    if filing.facts.attachments:
        jumps["attachments"] = Jump(Text("เอกสารแนบ", "Attachments"), "#filed-attachments")
    jumps["findings"] = Jump(Text("ผลการกลั่นกรอง", "Screening"), "#findings")
    checks = {run.rulebook.rule(r.rule).check: r.rule for r in results} if run else {}
    rule = next((checks[check] for check in _OVERLAP_CHECKS if check in checks), None)
    if rule:
        jumps["overlap"] = Jump(Text("ความซ้ำซ้อน", "Overlaps"), f"#rule-{rule}")
    if earlier is not None:
        jumps["last_year"] = Jump(Text("ผลปีก่อน", "Last year’s results"), "#last-year")
    if filing.sequence > 1:
        address = url_for("changes.show", proposal_id=own.proposal_id, since=min(since, filing.sequence - 1))
        jumps["changes"] = Jump(Text("สิ่งที่เปลี่ยนจากฉบับก่อน", "Changes since the earlier filing"), address)
    return Evidence(run, results, earlier, jumps)


def _veiled(run: RunView) -> list[ExplainedFinding]:
    """The findings, with what an agency would be told of others' filings put in words for a reviewer."""
    return [
        replace(f, text=RESEMBLES, remedy=None)
        if f.outcome is not Outcome.PASSES and run.rulebook.rule(f.rule).check in _OVERLAP_CHECKS
        else f
        for f in run.findings
    ]
