"""What is done in decisions: meetings are held, decisions recorded, and amended by recording anew."""

from app.decisions.actions.bulk import plan_decisions, record_decisions
from app.decisions.actions.deciding import record_decision, why_recused
from app.decisions.actions.meetings import (
    cancel_meeting,
    change_meeting,
    close_meeting,
    open_meeting,
    plan_meeting,
)
from app.decisions.actions.preparing import invite, set_agenda, set_attendance
from app.decisions.actions.recusing import judge_again, recuse_member, take_back_recusal

__all__ = [
    "cancel_meeting",
    "change_meeting",
    "close_meeting",
    "invite",
    "judge_again",
    "open_meeting",
    "plan_decisions",
    "plan_meeting",
    "record_decision",
    "record_decisions",
    "recuse_member",
    "set_agenda",
    "set_attendance",
    "take_back_recusal",
    "why_recused",
]
