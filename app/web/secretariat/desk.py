"""The desk itself: its places in the menu."""

from __future__ import annotations

from flask import Blueprint

from app.identity.facts import Role
from app.identity.rules import Permission
from app.kernel.text import Text
from app.web.shell import Desk, Place

blueprint = Blueprint("secretariat", __name__, url_prefix="/secretariat")

desk = Desk(
    Text("ฝ่ายเลขานุการ", "Secretariat"),
    frozenset({Role.SECRETARIAT}),
    (
        Place("secretariat.home", Text("งานของฉัน", "My work"), Permission.ASSIGN_REVIEWER),
        Place("secretariat.screening", Text("โต๊ะกลั่นกรอง", "Screening desk"), Permission.RUN_SCREENING),
        Place("secretariat.calls", Text("รอบคำขอ", "Calls"), Permission.READ_CALL),
        Place("secretariat.rulebooks", Text("ข้อกำหนด", "Rules"), Permission.MANAGE_CALL),
        Place("secretariat.overlaps", Text("ข้อเสนอที่คล้ายกัน", "Similar proposals"), Permission.READ_OVERLAPS),
        Place("secretariat.linkage", Text("ภาพการบูรณาการ", "Integration graph"), Permission.READ_LINKAGE),
        Place("secretariat.monitoring", Text("รายงานผลโครงการ", "Reports"), Permission.MANAGE_MONITORING),
        Place(
            "secretariat.plan_changes", Text("คำขอเปลี่ยนแปลงแผน", "Changes of plans"), Permission.JUDGE_CHANGE
        ),
        Place("monitoring.years", Text("แผนเทียบผล", "Plan against actual"), Permission.READ_MONITORING),
        Place("secretariat.publishing", Text("การเผยแพร่ข้อมูล", "Publishing"), Permission.PUBLISH_DATA),
        Place("committee.papers", Text("เอกสารประกอบการประชุม", "Meeting papers"), Permission.READ_PORTFOLIO),
        Place("tokens.show", Text("เชื่อมต่อระบบ", "Connected systems"), Permission.CONNECT_SYSTEMS),
        Place("admin.mails", Text("อีเมลที่ส่ง", "E-mails sent"), Permission.READ_MAILS),
    ),
)
