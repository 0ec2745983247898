"""What is done about similar proposals: a pair is judged, a draft is compared."""

from app.similarity.actions.asking import COMPARE_DRAFT, ask_comparison
from app.similarity.actions.judging import judge_pair

__all__ = ["COMPARE_DRAFT", "ask_comparison", "judge_pair"]
