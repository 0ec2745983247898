"""What an agency's paper was narrowed to, in words."""

from __future__ import annotations

from app.calls.facts import PlanStructure
from app.figures.facts import FilingChoice
from app.kernel.text import Text
from app.proposals.queries.own import FILED, SIDE_NAMES, Side
from app.proposals.states import STATES

EVERYTHING = Text("ทุกข้อเสนอ รวมทั้งร่าง", "Every proposal, drafts included")
ALL_FILED = Text("ข้อเสนอที่ยื่นแล้ว", "Filed proposals")


def words_of(choice: FilingChoice, plan: PlanStructure) -> list[Text]:
    """The choice, one wording for each thing it narrows."""
    words = [(STATES | {FILED: ALL_FILED}).get(choice.state, EVERYTHING)]
    if choice.stage:
        words.append(plan.name("stages", choice.stage))
    if choice.side:
        words.append(SIDE_NAMES[Side(choice.side)])
    if choice.text:
        words.append(Text(f"มีคำว่า “{choice.text}”", f"holding “{choice.text}”"))
    return words
