"""What is done in monitoring."""

from app.monitoring.actions.judging import accept_report, return_report
from app.monitoring.actions.opening import open_monitoring, open_project
from app.monitoring.actions.planning import put_in_force
from app.monitoring.actions.reporting import (
    begin_correction,
    begin_report,
    drop_report,
    hand_back,
    save_report,
    send_report,
    sign_report,
)

__all__ = [
    "accept_report",
    "begin_correction",
    "begin_report",
    "drop_report",
    "hand_back",
    "open_monitoring",
    "open_project",
    "put_in_force",
    "return_report",
    "save_report",
    "send_report",
    "sign_report",
]
