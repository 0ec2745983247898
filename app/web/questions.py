"""The form of a question about a filing, as the secretariat and reviewers fill it in."""

from __future__ import annotations

from app.kernel.findings import Problem
from app.kernel.text import Text
from app.proposals.drafts import SECTIONS
from app.proposals.returns import LONGEST_QUESTION
from app.web.forms import Choice, Form, Paragraphs


class QuestionForm(Form):
    """A question and its section; fields are named "question-…"."""

    section = Choice(Text("ส่วนที่ถาม", "The section"), offered=list(SECTIONS))
    text = Paragraphs(Text("คำถาม", "The question"), longest=LONGEST_QUESTION)

    def problems(self) -> tuple[Problem, ...]:
        return tuple(Problem(f"question-{p.place}", p.text) for p in super().problems())
