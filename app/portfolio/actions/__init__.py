"""What is done in the portfolio: scenarios are made, changed, dropped and adopted."""

from app.portfolio.actions.adjusting import adjust_project, take_back_adjustment
from app.portfolio.actions.adopting import adopt_scenario, release_scenario
from app.portfolio.actions.keeping import change_terms, create_scenario, drop_scenario, rename_scenario

__all__ = [
    "adjust_project",
    "adopt_scenario",
    "change_terms",
    "create_scenario",
    "drop_scenario",
    "release_scenario",
    "rename_scenario",
    "take_back_adjustment",
]
