"""What a screening run found, as a list to read."""

from __future__ import annotations

from flask import Flask, get_template_attribute

from app.kernel.findings import Outcome
from app.kernel.text import Text
from app.screening.rules.engine import ExplainedFinding
from app.web.filing import evidence, group_findings


def _finding(text: str) -> ExplainedFinding:
    name = Text("ความคล้าย", "Alike")
    return ExplainedFinding("alike", name, Outcome.NEEDS_PERSON, False, Text(text, text), name, None, ())


def test_findings_that_read_the_same_are_written_once_with_their_number(app: Flask) -> None:
    results = group_findings([*[_finding("คล้ายกับข้อเสนออื่น")] * 3, _finding("คล้ายกับ 2569-0001")])
    with app.test_request_context():
        page = get_template_attribute("filing/findings.html", "list")(results, evidence)
    assert page.count("<p>คล้ายกับข้อเสนออื่น</p>") == 1
    assert "พบเช่นนี้ 3 เรื่อง" in page
    assert page.count("คล้ายกับ 2569-0001") == 1
    assert page.count("พบเช่นนี้") == 1
