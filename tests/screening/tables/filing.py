"""Who files, when, how complete, and whether sums and structure are right."""

from __future__ import annotations

from dataclasses import replace

from app.kernel.text import Text
from app.proposals.facts import AgencyRef
from tests.proposals.made_up import ALPHA, BETA, with_line
from tests.screening.tables.rows import CLOSES, FAILS, GRACE, INSTANT, OPENS, PASSES, SOUND, Row, situation

HOMELESS: AgencyRef = replace(BETA, ministry_code="", ministry=Text("", ""))

ROWS = [
    Row("window", SOUND, PASSES, "draft", on=situation(None)),
    Row("window", SOUND, FAILS, "outside", on=situation(OPENS - INSTANT)),
    Row("window", SOUND, PASSES, "inside"),
    Row("window", SOUND, PASSES, "inside", on=situation(CLOSES - INSTANT)),
    Row("window", SOUND, FAILS, "outside", on=situation(CLOSES)),
    Row("window", SOUND, FAILS, "outside", on=situation(CLOSES + INSTANT)),
    Row("complete", SOUND, PASSES, "complete"),
    Row("complete", replace(SOUND, outputs=""), FAILS, "missing", ("rationale-outputs",)),
    Row("structure", SOUND, PASSES, "consistent"),
    Row("structure", replace(SOUND, strategy="2"), FAILS, "inconsistent", ("plan-strategy",)),
    Row("sums", SOUND, PASSES, "exact"),
    Row("sums", with_line(quarters=(1, 0, 0, 0)), FAILS, "wrong", ("budget-1-q1",)),
    Row("window", SOUND, PASSES, "inside", on=situation(CLOSES - INSTANT, GRACE)),
    Row("window", SOUND, PASSES, "in_grace", on=situation(CLOSES, GRACE), says=("2565 ", "00:15")),
    Row("window", SOUND, PASSES, "in_grace", on=situation(CLOSES + GRACE - INSTANT, GRACE)),
    Row("window", SOUND, FAILS, "outside", on=situation(CLOSES + GRACE, GRACE)),
    Row("eligibility", SOUND, PASSES, "may_file"),
    Row("eligibility", replace(SOUND, lead=HOMELESS), FAILS, "no_ministry", ("names-lead",)),
    Row("eligibility", replace(SOUND, lead=replace(ALPHA, code="")), FAILS, "no_ministry", ("names-lead",)),
    Row("eligibility", replace(SOUND, participants=(BETA,)), PASSES, "may_file"),
    Row(
        "eligibility",
        replace(SOUND, participants=(BETA, HOMELESS)),
        FAILS,
        "no_ministry",
        ("names-participants",),
    ),
]
