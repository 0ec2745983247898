"""What is asked of monitoring."""

from app.monitoring.queries.projects import (
    ProjectRow,
    ProjectView,
    find_monitored,
    get_project,
    ground_of,
    list_projects,
    plan_in_force,
    read_plan,
    used_of,
)

__all__ = [
    "ProjectRow",
    "ProjectView",
    "find_monitored",
    "get_project",
    "ground_of",
    "list_projects",
    "plan_in_force",
    "read_plan",
    "used_of",
]
