"""The agency desk: from "what do I have to do now?" to the receipt.

In: what officers type and send. Out: drafts saved section by section, a filing with its receipt, and pages to read
both by. Participating agencies and certifiers read the same pages; only officers of the lead agency write.
"""

from __future__ import annotations

from app.identity.facts import Role
from app.identity.rules import Permission
from app.kernel.text import Text
from app.web.agency import (  # noqa: F401 (they fill the blueprint)
    attachments,
    autosave,
    carrying,
    filing,
    home,
    linkage,
    links,
    overlaps,
    overview,
    papers,
    partners,
    parts,
    performance,
    plan_changes,
    projects,
    report,
    report_evidence,
    report_signing,
    report_workbooks,
    reports,
    returns,
    section,
    signing,
    versions,
    withdrawal,
    workbook_uploads,
    workbooks,
)
from app.web.agency.board import blueprint
from app.web.shell import Desk, Place

desk = Desk(
    Text("หน่วยงาน", "Agency"),
    frozenset({Role.OFFICER, Role.CERTIFIER}),
    (
        Place("agency.home", Text("งานของฉัน", "My work"), Permission.READ_PROPOSAL),
        Place("agency.proposals", Text("ข้อเสนอโครงการ", "Proposals"), Permission.READ_PROPOSAL),
        Place("agency.projects", Text("โครงการที่ดำเนินการ", "Projects under way"), Permission.READ_PROPOSAL),
        Place("agency.reports", Text("รายงานผล", "Reports"), Permission.READ_PROPOSAL),
        Place("agency.performance", Text("แผนเทียบผล", "Plan against actual"), Permission.READ_PROPOSAL),
        Place("agency.papers", Text("ดาวน์โหลดข้อเสนอ", "Download proposals"), Permission.READ_PROPOSAL),
        Place("agency.links", Text("การเชื่อมโยงที่ขอให้ยืนยัน", "Links to confirm"), Permission.ANSWER_LINK),
        Place("agency.linkage", Text("ภาพการบูรณาการ", "Integration graph"), Permission.READ_PROPOSAL),
        Place("tokens.show", Text("เชื่อมต่อระบบ", "Connected systems"), Permission.CONNECT_SYSTEMS),
    ),
)

__all__ = ["blueprint", "desk"]
