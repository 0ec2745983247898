"""Plan against actual, for the secretariat and the committee: all years, a year, its projects, warnings, and its paper."""

from app.web.monitoring import dashboard, papers, project, projects, warnings, years
from app.web.monitoring.desk import blueprint

__all__ = ["blueprint", "dashboard", "papers", "project", "projects", "warnings", "years"]
