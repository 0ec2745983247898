"""What is done in monitoring."""

from app.monitoring.actions.opening import open_monitoring, open_project
from app.monitoring.actions.planning import put_in_force

__all__ = ["open_monitoring", "open_project", "put_in_force"]
