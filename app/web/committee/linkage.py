"""The integration graph from the committee's menu: the secretariat's page of a call."""

from __future__ import annotations

from app.identity.rules import Permission
from app.web.committee.desk import blueprint
from app.web.door import needs
from app.web.secretariat.linkage import call_page


@blueprint.get("/linkage")
@needs(Permission.READ_LINKAGE)
def linkage() -> str:
    """The graph of a call."""
    return call_page("committee.linkage")
