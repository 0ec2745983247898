"""What is asked of monitoring."""

from app.monitoring.queries.due import list_due, list_due_and_asked
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
from app.monitoring.queries.records import (
    RecordRow,
    RecordView,
    find_record,
    get_record,
    list_records,
    past_of,
)

__all__ = [
    "ProjectRow",
    "ProjectView",
    "RecordRow",
    "RecordView",
    "find_monitored",
    "find_record",
    "get_project",
    "get_record",
    "ground_of",
    "list_due",
    "list_due_and_asked",
    "list_projects",
    "list_records",
    "past_of",
    "plan_in_force",
    "read_plan",
    "used_of",
]
