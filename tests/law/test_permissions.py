"""Every route x method x role x (own, other, unknown) object, against a table written by hand.

The table does not read the application's own permission table: it says anew who may do what. A route that is not in it
fails the test, so nothing is added without being judged.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.calls.actions import extend_call
from app.calls.queries import get_call
from app.decisions.actions import plan_meeting
from app.decisions.facts import Level, MeetingFacts
from app.decisions.models import Meeting
from app.figures.actions import order_paper
from app.figures.books.closing import make_book
from app.figures.facts import FilingChoice
from app.figures.press import book_store
from app.identity.actions import invite_person, start_session
from app.identity.facts import SYSTEM, Membership, Role
from app.identity.models import ExternalIdentity
from app.identity.outside import link_identity
from app.identity.tokens import issue_token
from app.kernel.canonical import canonical_json, sha256_bytes
from app.kernel.db import db
from app.kernel.files import FileStore
from app.kernel.text import Text
from app.kernel.values import freeze_value
from app.kernel.work import open_work
from app.monitoring.actions import open_project
from app.monitoring.actions.changing import begin_change
from app.monitoring.facts import Cause, ReportingRules
from app.monitoring.models import (
    EvidenceFile,
    MonitoredCall,
    PlanChange,
    ProgressRecord,
    Project,
    RecordUpload,
)
from app.notices.models import Mail
from app.portfolio.actions import create_scenario
from app.proposals.actions import (
    answer_invitation,
    ask_partners,
    ask_question,
    attach_file,
    invite_participants,
    store_file,
    submit_proposal,
)
from app.proposals.actions.uploading import upload_workbook
from app.proposals.models import Submission, WorkbookUpload
from app.proposals.queries import list_link_answers
from app.reviews.actions import declare_tie, make_panel, make_plan
from app.reviews.actions.panels import PanelFacts
from app.reviews.conflicts import Ground
from app.reviews.models import ConflictStatement
from app.reviews.planning.facts import PlanSettings
from app.screening.actions import screen_call, screen_proposal
from app.similarity.content import comparison_as_json
from app.similarity.facts import Comparison
from app.similarity.models import OverlapPair
from app.webhooks.actions import add_endpoint
from app.workbooks.actions import begin_upload, finish_upload
from app.workbooks.facts import Fault
from app.workbooks.uploads import UploadResult
from tests.conftest import Backend
from tests.law.api_routes import API_ROUTES
from tests.proposals.earlier import LAST_YEAR, decide, file_earlier
from tests.releases.publishing import make as make_release
from tests.world import FISCAL_YEAR, NOW, World, complete_draft, give, write_draft

# How far a role reaches: everything, its own agency's, what it was assigned, what it ordered itself, nothing.
ANY, AGENCY, ASSIGNED, ORDERED, NOTHING = "any", "agency", "assigned", "ordered", "nothing"
ADDRESSED = "addressed"  # an e-mail: its reader's alone, whatever the role
REACH = {
    ("officer", AGENCY): {"own"},
    ("officer_beta", AGENCY): {"other"},
    ("certifier", AGENCY): {"own"},
    ("reviewer_bb", ASSIGNED): {"own"},
    ("reviewer_dga", ASSIGNED): {"other"},
    ("committee", ORDERED): {"own"},
    ("secretariat", ORDERED): {"other"},
    ("officer", ORDERED): {"own"},
    ("officer_beta", ORDERED): {"other"},
    ("officer", ADDRESSED): {"own"},
    ("officer_beta", ADDRESSED): {"other"},
}
PEOPLE = {
    "officer": ("officer", "officer_beta"),
    "certifier": ("certifier",),
    "reviewer": ("reviewer_bb", "reviewer_dga"),
    "secretariat": ("secretariat",),
    "committee": ("committee",),
    "admin": ("admin",),
}
EVERYBODY = dict.fromkeys(PEOPLE, ANY)
OFFICE = {"officer": AGENCY, "certifier": AGENCY}
READERS = {"officer": ANY, "certifier": ANY}
WRITERS = {"officer": AGENCY}
SIGNERS = {"certifier": AGENCY}
JOINT = {"proposal_id": "joint", "code": "part"}
CONNECTORS = {**OFFICE, "secretariat": NOTHING}
ADMIN = {"admin": ANY}
SECRETARIAT = {"secretariat": ANY}
REVIEWER = {"reviewer": ASSIGNED}
TABLE_READERS = {"secretariat": ANY, "committee": ANY}
SCENARIO_MAKERS = {"secretariat": ANY, "committee": ORDERED}
PRINTERS = {"secretariat": ORDERED, "committee": ORDERED}
OFFICE_PRINTERS = {"officer": ORDERED, "certifier": ORDERED}
PUBLIC: dict[str, str] | None = None

# endpoint: (method, who with which reach, the objects in its address)
ROUTES: dict[str, tuple[str, dict[str, str] | str | None, dict[str, str]]] = {
    **API_ROUTES,
    "public.home": ("GET", PUBLIC, {}),
    "public.health": ("GET", PUBLIC, {}),
    "secretariat.publishing": ("GET", SECRETARIAT, {}),
    "secretariat.new_release": ("GET", SECRETARIAT, {"fiscal_year": "=2570"}),
    "secretariat.make_release_post": ("POST", SECRETARIAT, {"fiscal_year": "=2570"}),
    "secretariat.release": ("GET", SECRETARIAT, {"release_id": "release"}),
    "secretariat.release_file": ("GET", SECRETARIAT, {"release_id": "release", "name": "=projects.csv"}),
    "secretariat.publish": ("POST", SECRETARIAT, {"release_id": "release"}),
    "secretariat.withdraw_published": ("POST", SECRETARIAT, {"release_id": "release"}),
    "secretariat.catalogue": ("POST", SECRETARIAT, {"release_id": "release"}),
    "site.years": ("GET", PUBLIC, {}),
    "site.year": ("GET", PUBLIC, {"fiscal_year": "=2570"}),
    "site.projects": ("GET", PUBLIC, {"fiscal_year": "=2570"}),
    "site.project": ("GET", PUBLIC, {"fiscal_year": "=2570", "number": "=2570-0001"}),
    "site.agency": ("GET", PUBLIC, {"fiscal_year": "=2570", "code": "=alpha"}),
    "site.ministry": ("GET", PUBLIC, {"fiscal_year": "=2570", "code": "=mof"}),
    "site.datasets": ("GET", PUBLIC, {}),
    "site.dataset": ("GET", PUBLIC, {"fiscal_year": "=2570"}),
    "site.robots": ("GET", PUBLIC, {}),
    "site.sitemap": ("GET", PUBLIC, {}),
    "site.file": ("GET", PUBLIC, {"fiscal_year": "=2570", "release": "=latest", "name": "=projects.csv"}),
    "assets.file": ("GET", PUBLIC, {"folder": "=x", "name": "=y"}),
    "shell.choose": ("POST", PUBLIC, {"code": "=th"}),
    "shell.desk": ("GET", EVERYBODY, {}),
    "account.sign_in": ("GET", PUBLIC, {}),
    "account.sign_in_post": ("POST", PUBLIC, {}),
    "account.invitation": ("GET", PUBLIC, {"token": "=nothing"}),
    "account.accept_invitation": ("POST", PUBLIC, {"token": "=nothing"}),
    "account.sign_out": ("POST", EVERYBODY, {}),
    "account.show": ("GET", EVERYBODY, {}),
    "account.change_password": ("POST", EVERYBODY, {}),
    "account.choose_mails": ("POST", EVERYBODY, {}),
    "account.mails": ("GET", EVERYBODY, {}),
    "account.mail": ("GET", dict.fromkeys(PEOPLE, ADDRESSED), {"mail_id": "mail"}),
    # the second step of signing in, which only its own half session opens (tests/web/account/test_second_factor.py)
    "account.second_step": ("GET", PUBLIC, {}),
    "account.second_step_post": ("POST", PUBLIC, {}),
    "account.set_up": ("GET", PUBLIC, {}),
    "account.set_up_post": ("POST", PUBLIC, {}),
    "account.second_factor": ("GET", EVERYBODY, {}),
    "account.second_factor_post": ("POST", EVERYBODY, {}),
    "account.visit": ("POST", PUBLIC, {"code": "=x"}),
    "account.come_back": ("GET", PUBLIC, {"code": "=x"}),
    "account.accept_with": ("POST", PUBLIC, {"token": "=nothing", "code": "=x"}),
    "account.link": ("POST", EVERYBODY, {}),
    "account.unlink": ("POST", dict.fromkeys(PEOPLE, ADDRESSED), {"identity_id": "identity"}),
    "calendar.feed": ("GET", PUBLIC, {"user_id": "=1", "token": "=" + "0" * 64}),
    "calendar.renew": ("POST", EVERYBODY, {}),
    "receipts.ask": ("GET", PUBLIC, {}),
    "receipts.verify": ("GET", PUBLIC, {"receipt_number": "=R1"}),
    "admin.people": ("GET", ADMIN, {}),
    "admin.person": ("GET", ADMIN, {"user_id": "person"}),
    "admin.invite": ("GET", ADMIN, {}),
    "admin.invite_post": ("POST", ADMIN, {}),
    "admin.disable": ("POST", ADMIN, {"user_id": "person"}),
    "admin.enable": ("POST", ADMIN, {"user_id": "person"}),
    "admin.reset_factor": ("POST", ADMIN, {"user_id": "person"}),
    "admin.renew": ("POST", ADMIN, {"user_id": "person"}),
    "admin.mails": ("GET", {"admin": ANY, "secretariat": ANY}, {}),
    "admin.audit": ("GET", {"admin": ANY, "secretariat": ANY}, {}),
    "agency.home": ("GET", OFFICE, {}),
    "agency.proposals": ("GET", OFFICE, {}),
    "agency.create": ("POST", WRITERS, {}),
    # whoever writes for the agency that led an earlier project continues it
    "agency.earlier": ("GET", WRITERS, {}),
    "agency.earlier_project": ("GET", WRITERS, {"source_id": "earlier"}),
    "agency.continue_earlier": ("POST", WRITERS, {"source_id": "earlier"}),
    "agency.proposal": ("GET", OFFICE, {"proposal_id": "draft"}),
    "agency.read": ("GET", OFFICE, {"proposal_id": "draft"}),
    "agency.check": ("GET", OFFICE, {"proposal_id": "draft"}),
    # what it says of others is asked in tests/web/agency/test_overlaps_pages.py
    "agency.overlaps": ("GET", OFFICE, {"proposal_id": "draft"}),
    "agency.compare": ("POST", WRITERS, {"proposal_id": "draft"}),
    "agency.section": ("GET", OFFICE, {"proposal_id": "draft", "section": "=budget"}),
    "agency.section_post": ("POST", WRITERS, {"proposal_id": "draft", "section": "=budget"}),
    "agency.session_again": ("GET", OFFICE, {}),
    "agency.autosave": ("POST", WRITERS, {"proposal_id": "draft", "section": "=budget"}),
    "agency.choose": ("POST", WRITERS, {"proposal_id": "draft", "section": "=budget"}),
    "agency.history": ("GET", OFFICE, {"proposal_id": "draft", "section": "=budget"}),
    "agency.restore": ("POST", WRITERS, {"proposal_id": "draft", "section": "=budget"}),
    # everybody of a proposal reads its parts; each participant writes and signs its own
    "agency.part": ("GET", READERS, JOINT),
    "agency.answer": ("POST", WRITERS, JOINT),
    "agency.confirm": ("POST", WRITERS, JOINT),
    "agency.ask_partners_part": ("POST", WRITERS, JOINT),
    "agency.sign_part": ("GET", READERS, JOINT),
    "agency.sign_part_post": ("POST", SIGNERS, JOINT),
    "agency.part_section": ("GET", READERS, {**JOINT, "section": "=budget"}),
    "agency.part_section_post": ("POST", WRITERS, {**JOINT, "section": "=budget"}),
    "agency.part_autosave": ("POST", WRITERS, {**JOINT, "section": "=budget"}),
    "agency.part_choose": ("POST", WRITERS, {**JOINT, "section": "=budget"}),
    "agency.part_history": ("GET", READERS, {**JOINT, "section": "=budget"}),
    "agency.part_restore": ("POST", WRITERS, {**JOINT, "section": "=budget"}),
    "agency.partners": ("GET", OFFICE, {"proposal_id": "draft"}),
    "agency.invite": ("POST", WRITERS, {"proposal_id": "draft"}),
    "agency.ask_partners": ("POST", WRITERS, {"proposal_id": "draft"}),
    # a link is its partner's to answer, whoever claims it
    "agency.links": ("GET", OFFICE, {}),
    "agency.link": ("GET", OFFICE, {"request_id": "request"}),
    "agency.link_post": ("POST", OFFICE, {"request_id": "request"}),
    "agency.sign": ("GET", OFFICE, {"proposal_id": "draft"}),
    "agency.sign_post": ("POST", SIGNERS, {"proposal_id": "draft"}),
    "agency.ask_for_signature": ("POST", WRITERS, {"proposal_id": "draft"}),
    "agency.looked": ("POST", OFFICE, {"proposal_id": "draft"}),
    "agency.withdraw": ("GET", OFFICE, {"proposal_id": "filed"}),
    # only whoever writes has a use for a workbook, and sees what was sent for the agency
    "agency.workbook": ("GET", WRITERS, {"proposal_id": "draft"}),
    "agency.workbook_template": ("GET", WRITERS, {"proposal_id": "draft"}),
    "agency.upload_workbook": ("POST", WRITERS, {"proposal_id": "draft"}),
    "agency.part_workbook": ("GET", WRITERS, JOINT),
    "agency.part_workbook_template": ("GET", WRITERS, JOINT),
    "agency.part_upload_workbook": ("POST", WRITERS, JOINT),
    "agency.workbook_upload": ("GET", WRITERS, {"upload_id": "upload"}),
    "agency.marked_workbook": ("GET", WRITERS, {"upload_id": "upload"}),
    "agency.apply_workbook": ("POST", WRITERS, {"upload_id": "upload"}),
    "agency.drop_workbook": ("POST", WRITERS, {"upload_id": "upload"}),
    "agency.attachments": ("GET", OFFICE, {"proposal_id": "draft"}),
    "agency.attach": ("POST", WRITERS, {"proposal_id": "draft"}),
    "agency.attachment": ("GET", OFFICE, {"proposal_id": "draft", "position": "=1"}),
    "agency.replace": ("POST", WRITERS, {"proposal_id": "draft", "attachment_id": "attachment"}),
    "agency.remove": ("POST", WRITERS, {"proposal_id": "draft", "attachment_id": "attachment"}),
    "agency.submit": ("GET", OFFICE, {"proposal_id": "draft"}),
    "agency.submit_post": ("POST", OFFICE, {"proposal_id": "draft"}),
    "agency.returned": ("GET", OFFICE, {"proposal_id": "filed"}),
    "agency.returned_post": ("POST", WRITERS, {"proposal_id": "filed"}),
    "agency.returned_autosave": ("POST", WRITERS, {"proposal_id": "filed"}),
    "agency.changes": ("GET", OFFICE, {"proposal_id": "filed"}),
    "agency.receipt": ("GET", {**OFFICE, "secretariat": ANY}, {"proposal_id": "filed"}),
    "agency.receipt_pdf": ("GET", {**OFFICE, "secretariat": ANY}, {"proposal_id": "filed"}),
    "agency.papers": ("GET", OFFICE_PRINTERS, {}),
    "agency.order_papers": ("POST", OFFICE_PRINTERS, {}),
    "agency.printed_paper": ("GET", OFFICE_PRINTERS, {"paper_id": "own_paper"}),
    "agency.proposal_paper": ("GET", OFFICE, {"proposal_id": "draft", "paper_format": "=xlsx"}),
    "filing.attachment": (
        "GET",
        {**TABLE_READERS, **REVIEWER},
        {"proposal_id": "filed", "position": "=1"},
    ),
    "changes.show": ("GET", {**TABLE_READERS, **REVIEWER}, {"proposal_id": "filed"}),
    "secretariat.home": ("GET", SECRETARIAT, {}),
    # what a call asks for is for everybody who works in it
    "secretariat.calls": ("GET", EVERYBODY, {}),
    "secretariat.call": ("GET", EVERYBODY, {"fiscal_year": "year"}),
    # a reviewer may read filings, but only assigned ones: no list of them exists for a reviewer
    "secretariat.proposals": ("GET", {**TABLE_READERS, "reviewer": NOTHING}, {"fiscal_year": "year"}),
    "secretariat.proposal": ("GET", TABLE_READERS, {"proposal_id": "filed"}),
    "secretariat.override": ("POST", SECRETARIAT, {"proposal_id": "filed"}),
    "secretariat.extend": ("POST", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.end_extension": ("POST", SECRETARIAT, {"fiscal_year": "year", "extension_id": "extension"}),
    "secretariat.screen": ("POST", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.screen_one": ("POST", SECRETARIAT, {"proposal_id": "filed"}),
    "secretariat.returns": ("GET", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.results": ("GET", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.take_results_post": ("POST", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.project_results": ("GET", SECRETARIAT, {"proposal_id": "granted"}),
    "secretariat.record_project_results": ("POST", SECRETARIAT, {"proposal_id": "granted"}),
    # a project's plan: everybody of its agencies reads it, its lead agency asks for changes, the secretariat judges them
    "agency.projects": ("GET", READERS, {}),
    "agency.project": ("GET", OFFICE, {"project_id": "project"}),
    "agency.choose_change": ("GET", OFFICE, {"project_id": "project"}),
    "agency.begin_plan_change": ("POST", OFFICE, {"project_id": "project"}),
    "agency.plan_change": ("GET", OFFICE, {"change_id": "draft_change"}),
    "agency.save_plan_change": ("POST", OFFICE, {"change_id": "draft_change"}),
    "agency.withdraw_plan_change": ("POST", OFFICE, {"change_id": "draft_change"}),
    "plans.show": ("GET", OFFICE | TABLE_READERS, {"project_id": "project"}),
    "plans.close": ("POST", SECRETARIAT, {"project_id": "project"}),
    "plans.reopen": ("POST", SECRETARIAT, {"project_id": "project"}),
    "secretariat.plan_changes": ("GET", SECRETARIAT, {}),
    "secretariat.plan_change": ("GET", SECRETARIAT, {"change_id": "asked_change"}),
    "secretariat.judge_plan_change": ("POST", SECRETARIAT, {"change_id": "asked_change"}),
    # reports: an agency's officers write them, its certifiers sign, the secretariat reads what was signed
    "agency.reports": ("GET", READERS, {}),
    "agency.begin": ("POST", WRITERS, {}),
    "agency.report": ("GET", OFFICE, {"record_id": "report"}),
    "agency.save_report": ("POST", WRITERS, {"record_id": "report"}),
    "agency.report_autosave": ("POST", WRITERS, {"record_id": "report"}),
    "agency.sign_page": ("GET", SIGNERS, {"record_id": "report"}),
    "agency.sign_report": ("POST", SIGNERS, {"record_id": "report"}),
    "agency.hand_report_back": ("POST", OFFICE, {"record_id": "report"}),
    "agency.correct_report": ("POST", WRITERS, {"record_id": "report"}),
    "agency.attach_evidence": ("POST", WRITERS, {"record_id": "quarter"}),
    "agency.evidence": ("GET", OFFICE, {"record_id": "quarter", "file_id": "evidence"}),
    "agency.remove_evidence": ("POST", WRITERS, {"record_id": "quarter", "file_id": "evidence"}),
    "agency.report_workbook": ("GET", WRITERS, {"record_id": "report"}),
    "agency.report_template": ("GET", WRITERS, {"record_id": "report"}),
    "agency.upload_report_workbook": ("POST", WRITERS, {"record_id": "report"}),
    "agency.report_upload": ("GET", WRITERS, {"upload_id": "report_upload"}),
    "agency.apply_report_workbook": ("POST", WRITERS, {"upload_id": "report_upload"}),
    "agency.marked_report_workbook": ("GET", WRITERS, {"upload_id": "report_upload"}),
    "agency.drop_report_workbook": ("POST", WRITERS, {"upload_id": "report_upload"}),
    "agency.drop": ("POST", WRITERS, {"record_id": "dropped_report"}),
    "secretariat.monitoring": ("GET", SECRETARIAT, {}),
    "secretariat.open_monitoring": ("POST", SECRETARIAT, {}),
    "secretariat.set_reporting_rules": ("POST", SECRETARIAT, {"fiscal_year": "followed"}),
    "secretariat.late_list": ("GET", SECRETARIAT, {"fiscal_year": "followed"}),
    "secretariat.waiting_reports": ("GET", SECRETARIAT, {"fiscal_year": "followed"}),
    "secretariat.accept_reports": ("POST", SECRETARIAT, {"fiscal_year": "followed"}),
    "secretariat.remind_agencies": ("GET", SECRETARIAT, {"fiscal_year": "followed"}),
    "secretariat.send_agency_reminders": ("POST", SECRETARIAT, {"fiscal_year": "followed"}),
    "secretariat.report": ("GET", SECRETARIAT, {"record_id": "signed_report"}),
    "secretariat.accept_report": ("POST", SECRETARIAT, {"record_id": "signed_report"}),
    "secretariat.return_report": ("POST", SECRETARIAT, {"record_id": "signed_report"}),
    "secretariat.report_evidence": (
        "GET",
        SECRETARIAT,
        {"record_id": "signed_report", "file_id": "signed_evidence"},
    ),
    "secretariat.proposal_returns": ("GET", SECRETARIAT, {"proposal_id": "filed"}),
    "secretariat.ask": ("POST", SECRETARIAT, {"proposal_id": "filed"}),
    "secretariat.change_question": ("POST", SECRETARIAT, {"question_id": "question"}),
    "secretariat.drop": ("POST", SECRETARIAT, {"question_id": "question"}),
    "secretariat.send_back": ("POST", SECRETARIAT, {"proposal_id": "filed"}),
    "secretariat.more_time": ("POST", SECRETARIAT, {"proposal_id": "filed"}),
    "secretariat.recall": ("POST", SECRETARIAT, {"proposal_id": "filed"}),
    "secretariat.calibration": ("GET", TABLE_READERS, {"fiscal_year": "year"}),
    "secretariat.calibration_table": ("GET", TABLE_READERS, {"fiscal_year": "year", "name": "=proposals"}),
    "committee.calibration": ("GET", TABLE_READERS, {"fiscal_year": "year"}),
    "committee.calibration_table": ("GET", TABLE_READERS, {"fiscal_year": "year", "name": "=proposals"}),
    "committee.charts": ("GET", TABLE_READERS, {"fiscal_year": "year"}),
    "committee.chart_file": ("GET", TABLE_READERS, {"fiscal_year": "year", "name": "=stages.svg"}),
    "committee.optimum": ("GET", TABLE_READERS, {"fiscal_year": "year"}),
    "committee.optimum_table": ("GET", TABLE_READERS, {"fiscal_year": "year"}),
    "committee.certainty": ("GET", TABLE_READERS, {"fiscal_year": "year"}),
    "committee.certainty_table": ("GET", TABLE_READERS, {"fiscal_year": "year"}),
    "committee.sensitivity": ("GET", TABLE_READERS, {"fiscal_year": "year"}),
    "committee.sensitivity_table": ("GET", TABLE_READERS, {"fiscal_year": "year", "name": "=ceilings"}),
    # whole calls are for the secretariat and the committee; an agency reads its own projects
    "monitoring.years": ("GET", TABLE_READERS, {}),
    "monitoring.record": ("GET", TABLE_READERS, {}),
    "monitoring.dashboard": ("GET", TABLE_READERS, {"fiscal_year": "followed"}),
    "monitoring.projects": ("GET", TABLE_READERS, {"fiscal_year": "followed"}),
    "monitoring.standing_file": ("GET", TABLE_READERS, {"fiscal_year": "followed"}),
    "monitoring.project": ("GET", TABLE_READERS, {"fiscal_year": "followed", "project_id": "project"}),
    "monitoring.warnings": ("GET", TABLE_READERS, {"fiscal_year": "followed"}),
    "monitoring.papers": ("GET", TABLE_READERS, {"fiscal_year": "followed"}),
    "monitoring.order": ("POST", TABLE_READERS, {"fiscal_year": "followed"}),
    "monitoring.download": ("GET", PRINTERS, {"paper_id": "quarter_paper"}),
    "agency.performance": ("GET", OFFICE, {}),
    "agency.performance_project": ("GET", OFFICE, {"fiscal_year": "followed", "project_id": "project"}),
    "secretariat.overlaps": ("GET", SECRETARIAT, {}),
    "secretariat.overlaps_csv": ("GET", SECRETARIAT, {}),
    "secretariat.overlap": ("GET", SECRETARIAT, {"pair_id": "pair"}),
    "secretariat.judge_overlap": ("POST", SECRETARIAT, {"pair_id": "pair"}),
    # whoever screens; what is noted there is for nobody else
    "secretariat.screening": ("GET", SECRETARIAT, {}),
    "secretariat.screening_book": ("GET", SECRETARIAT, {}),
    "secretariat.screening_list": ("GET", SECRETARIAT, {}),
    "secretariat.screening_findings": ("GET", SECRETARIAT, {}),
    "secretariat.preview_bulk": ("POST", SECRETARIAT, {}),
    "secretariat.carry_out_bulk": ("POST", SECRETARIAT, {}),
    "secretariat.case": ("GET", SECRETARIAT, {"proposal_id": "filed"}),
    "secretariat.judge": ("POST", SECRETARIAT, {"proposal_id": "filed"}),
    "secretariat.note": ("POST", SECRETARIAT, {"proposal_id": "filed"}),
    "secretariat.look_after": ("POST", SECRETARIAT, {"proposal_id": "filed"}),
    "secretariat.screen_again": ("POST", SECRETARIAT, {"proposal_id": "filed"}),
    # who manages calls decides by which rules they are screened
    "secretariat.rulebooks": ("GET", SECRETARIAT, {}),
    "secretariat.offer_rulebook": ("POST", SECRETARIAT, {}),
    "secretariat.compare_rulebooks": ("GET", SECRETARIAT, {}),
    "secretariat.rulebook": ("GET", SECRETARIAT, {"document_id": "rulebook"}),
    "secretariat.rulebook_file": ("GET", SECRETARIAT, {"document_id": "rulebook"}),
    "secretariat.try_rulebook": ("GET", SECRETARIAT, {"document_id": "rulebook"}),
    "secretariat.tried_list": ("GET", SECRETARIAT, {"document_id": "rulebook"}),
    "secretariat.adopt_rulebook": ("GET", SECRETARIAT, {"document_id": "rulebook"}),
    "secretariat.adopt_rulebook_post": ("POST", SECRETARIAT, {"document_id": "rulebook"}),
    "secretariat.batch": ("GET", SECRETARIAT, {"batch_id": "batch"}),
    "secretariat.proposal_runs": ("GET", SECRETARIAT, {"proposal_id": "filed"}),
    # the whole graph is for those who see every filing; a reviewer sees the links of an assigned one
    "secretariat.linkage": ("GET", TABLE_READERS, {}),
    "secretariat.linkage_table": ("GET", TABLE_READERS, {}),
    "secretariat.linkage_agency": ("GET", TABLE_READERS, {"agency_id": "agency"}),
    "secretariat.linkage_proposal": ("GET", {**TABLE_READERS, **REVIEWER}, {"proposal_id": "filed"}),
    "committee.linkage": ("GET", TABLE_READERS, {}),
    "agency.linkage": ("GET", OFFICE, {}),
    "agency.proposal_linkage": ("GET", OFFICE, {"proposal_id": "draft"}),
    # the round of reviews
    "secretariat.reviews": ("GET", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.set_reviews": ("POST", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.move_reviews": ("POST", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.review_scores": ("GET", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.score_history": ("GET", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.rubric": ("GET", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.offer_rubric_post": ("POST", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.rubric_file": ("GET", SECRETARIAT, {"document_id": "rubric"}),
    "secretariat.adopt_rubric": ("GET", SECRETARIAT, {"fiscal_year": "year", "document_id": "rubric"}),
    "secretariat.adopt_rubric_post": ("POST", SECRETARIAT, {"fiscal_year": "year", "document_id": "rubric"}),
    "secretariat.panels": ("GET", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.new_panel": ("GET", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.make_panel": ("POST", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.panel": ("GET", SECRETARIAT, {"panel_id": "panel"}),
    "secretariat.change_panel": ("POST", SECRETARIAT, {"panel_id": "panel"}),
    "secretariat.end_panel": ("POST", SECRETARIAT, {"panel_id": "panel"}),
    "secretariat.reviewer_profile": ("GET", SECRETARIAT, {"fiscal_year": "year", "user_id": "reviewer"}),
    "secretariat.set_reviewer_profile": ("POST", SECRETARIAT, {"fiscal_year": "year", "user_id": "reviewer"}),
    "secretariat.assignment_plans": ("GET", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.make_assignment_plan": ("POST", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.assignment_plan": ("GET", SECRETARIAT, {"plan_id": "plan"}),
    "secretariat.adjust_plan": ("GET", SECRETARIAT, {"plan_id": "plan", "proposal_id": "filed"}),
    "secretariat.change_plan_seat": ("POST", SECRETARIAT, {"plan_id": "plan", "proposal_id": "filed"}),
    "secretariat.preview_assignment_plan": ("GET", SECRETARIAT, {"plan_id": "plan"}),
    "secretariat.apply_assignment_plan": ("POST", SECRETARIAT, {"plan_id": "plan"}),
    "secretariat.drop_assignment_plan": ("POST", SECRETARIAT, {"plan_id": "plan"}),
    "secretariat.assignments": ("GET", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.assignments_list": ("GET", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.assignment": ("GET", SECRETARIAT, {"assignment_id": "assignment"}),
    "secretariat.reopen": ("POST", SECRETARIAT, {"assignment_id": "assignment"}),
    "secretariat.assignments_file": ("GET", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.assignments_csv": ("GET", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.preview_assignments": ("POST", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.apply_assignments": ("POST", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.remind_reviewers": ("GET", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.send_reminders": ("POST", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.assign": ("POST", SECRETARIAT, {"proposal_id": "filed"}),
    # who is tied to what is the secretariat's to see and to judge
    "secretariat.conflicts": ("GET", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.conflicts_csv": ("GET", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.preview_words": ("POST", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.judge_pairs": ("POST", SECRETARIAT, {"fiscal_year": "year"}),
    "reviewer.interests": ("GET", REVIEWER, {}),
    "reviewer.declare": ("POST", REVIEWER, {}),
    "reviewer.end_interest": ("POST", REVIEWER, {"tie_id": "tie"}),
    "reviewer.retract": ("POST", REVIEWER, {"proposal_id": "refused"}),
    # what is said is asked in tests/reviews/test_discussing.py
    "secretariat.discussions": ("GET", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.discussions_csv": ("GET", SECRETARIAT, {"fiscal_year": "year"}),
    "secretariat.discussion": ("GET", SECRETARIAT, {"proposal_id": "filed"}),
    "secretariat.discuss": ("POST", SECRETARIAT, {"proposal_id": "filed"}),
    "reviewer.discussion": ("GET", REVIEWER, {"assignment_id": "assignment"}),
    "reviewer.discuss": ("POST", REVIEWER, {"assignment_id": "assignment"}),
    "reviewer.home": ("GET", REVIEWER, {}),
    "reviewer.review": ("GET", REVIEWER, {"assignment_id": "assignment"}),
    "reviewer.review_post": ("POST", REVIEWER, {"assignment_id": "assignment"}),
    "reviewer.session_again": ("GET", REVIEWER, {}),
    "reviewer.autosave": ("POST", REVIEWER, {"assignment_id": "assignment"}),
    "reviewer.choose": ("POST", REVIEWER, {"assignment_id": "assignment"}),
    "reviewer.history": ("GET", REVIEWER, {"assignment_id": "assignment"}),
    "reviewer.restore": ("POST", REVIEWER, {"assignment_id": "assignment"}),
    "reviewer.answer": ("POST", REVIEWER, {"assignment_id": "assignment"}),
    "committee.home": ("GET", TABLE_READERS, {}),
    "committee.ranking": ("GET", TABLE_READERS, {"fiscal_year": "year"}),
    "committee.proposal": ("GET", TABLE_READERS, {"proposal_id": "filed"}),
    "committee.decide": ("POST", {"committee": ANY}, {"proposal_id": "filed"}),
    "committee.meetings": ("GET", TABLE_READERS, {"fiscal_year": "year"}),
    "committee.plan_meeting_post": ("POST", SECRETARIAT, {"fiscal_year": "year"}),
    "committee.meeting": ("GET", TABLE_READERS, {"meeting_id": "meeting"}),
    "committee.change_meeting_post": ("POST", SECRETARIAT, {"meeting_id": "meeting"}),
    "committee.open_meeting_post": ("POST", SECRETARIAT, {"meeting_id": "meeting"}),
    "committee.cancel_meeting_post": ("POST", SECRETARIAT, {"meeting_id": "meeting"}),
    "committee.closing": ("GET", SECRETARIAT, {"meeting_id": "meeting"}),
    "committee.close_meeting_post": ("POST", SECRETARIAT, {"meeting_id": "meeting"}),
    "committee.meeting_agenda": ("GET", TABLE_READERS, {"meeting_id": "meeting"}),
    "committee.save_agenda": ("POST", SECRETARIAT, {"meeting_id": "meeting"}),
    "committee.meeting_attendance": ("GET", TABLE_READERS, {"meeting_id": "meeting"}),
    "committee.save_attendance": ("POST", SECRETARIAT, {"meeting_id": "meeting"}),
    "committee.invite_to_meeting": ("POST", SECRETARIAT, {"meeting_id": "meeting"}),
    # a member speaks for themselves only: asked in tests/decisions/test_meetings_recusing.py
    "committee.recuse": ("POST", TABLE_READERS, {"meeting_id": "meeting"}),
    "committee.judge_interests_again": ("POST", SECRETARIAT, {"meeting_id": "meeting"}),
    "committee.take_recusal_back": ("POST", SECRETARIAT, {"meeting_id": "meeting"}),
    "committee.meeting_decisions": ("GET", TABLE_READERS, {"meeting_id": "meeting"}),
    "committee.preview_decisions": ("POST", {"committee": ANY}, {"meeting_id": "meeting"}),
    "committee.record_many": ("POST", {"committee": ANY}, {"meeting_id": "meeting"}),
    "committee.meeting_minutes": ("GET", TABLE_READERS, {"meeting_id": "meeting"}),
    "committee.minutes_pdf": ("GET", TABLE_READERS, {"meeting_id": "meeting"}),
    "committee.book": ("GET", TABLE_READERS, {"meeting_id": "booked"}),
    "committee.book_file": ("GET", TABLE_READERS, {"meeting_id": "booked"}),
    "committee.order_book": ("POST", TABLE_READERS, {"meeting_id": "booked"}),
    "committee.papers": ("GET", PRINTERS, {}),
    "committee.order": ("POST", PRINTERS, {}),
    "committee.download": ("GET", PRINTERS, {"paper_id": "paper"}),
    "committee.scenarios": ("GET", TABLE_READERS, {"fiscal_year": "year"}),
    "committee.create_scenario": ("POST", TABLE_READERS, {"fiscal_year": "year"}),
    "committee.compare_scenarios": ("GET", TABLE_READERS, {"fiscal_year": "year"}),
    "committee.compared_scenarios_table": ("GET", TABLE_READERS, {"fiscal_year": "year"}),
    "committee.scenario": ("GET", TABLE_READERS, {"scenario_id": "scenario"}),
    "committee.rename_scenario": ("POST", SCENARIO_MAKERS, {"scenario_id": "scenario"}),
    "committee.drop_scenario": ("POST", SCENARIO_MAKERS, {"scenario_id": "scenario"}),
    "committee.scenario_terms": ("GET", SCENARIO_MAKERS, {"scenario_id": "scenario"}),
    "committee.change_scenario_terms": ("POST", SCENARIO_MAKERS, {"scenario_id": "scenario"}),
    "committee.scenario_project": (
        "GET",
        TABLE_READERS,
        {"scenario_id": "scenario", "proposal_id": "filed"},
    ),
    "committee.adjust_scenario_project": (
        "POST",
        SCENARIO_MAKERS,
        {"scenario_id": "scenario", "proposal_id": "filed"},
    ),
    "committee.take_back_project": (
        "POST",
        SCENARIO_MAKERS,
        {"scenario_id": "scenario", "proposal_id": "filed"},
    ),
    "committee.scenario_adoption": ("GET", SECRETARIAT, {"scenario_id": "scenario"}),
    "committee.adopt_scenario": ("POST", SECRETARIAT, {"scenario_id": "scenario"}),
    "committee.release_scenario": ("POST", SECRETARIAT, {"scenario_id": "scenario"}),
    # of one's own agency, whoever of it made them; the secretariat has its own and sees no agency's
    "tokens.show": ("GET", CONNECTORS, {}),
    "tokens.issue": ("POST", CONNECTORS, {}),
    "webhooks.show": ("GET", CONNECTORS, {}),
    "webhooks.register": ("POST", CONNECTORS, {}),
    "webhooks.one": ("GET", CONNECTORS, {"endpoint_id": "webhook"}),
    "webhooks.try_out": ("POST", CONNECTORS, {"endpoint_id": "webhook"}),
    "webhooks.renew": ("POST", CONNECTORS, {"endpoint_id": "webhook"}),
    "webhooks.enable": ("POST", CONNECTORS, {"endpoint_id": "webhook"}),
    "tokens.revoke": ("POST", CONNECTORS, {"token_id": "token"}),
    "webhooks.remove": ("POST", CONNECTORS, {"endpoint_id": "webhook"}),
    # last, because they take the assignments away
    "secretariat.recuse": ("POST", SECRETARIAT, {"fiscal_year": "year", "assignment_id": "assignment"}),
    "secretariat.reassign": ("POST", SECRETARIAT, {"assignment_id": "assignment"}),
    "secretariat.withdraw": ("POST", SECRETARIAT, {"assignment_id": "assignment"}),
    # and the filings
    "agency.withdraw_post": ("POST", OFFICE, {"proposal_id": "filed"}),
}

# what a form must carry for its page to find its object
BODIES = {
    "secretariat.publish": {"version": "1"},
    "secretariat.withdraw_published": {"version": "1", "reason": "ทดสอบการถอนข้อมูล"},
    "agency.create": {"fiscal_year": str(FISCAL_YEAR)},
    "secretariat.judge": {"rule": "integration"},
    "secretariat.move_reviews": {"move": "unlock"},
    "agency.continue_earlier": {"fiscal_year": str(FISCAL_YEAR)},
    "agency.restore": {"restore": "1"},
    "agency.part_restore": {"restore": "1"},
}


@dataclass
class Things:
    """Object kind -> {own, other}: ids of the two sides of the small world."""

    ids: dict[str, dict[str, Any]] = field(default_factory=dict)

    def value(self, kind: str, side: str) -> object:
        if kind.startswith("="):
            return kind[1:]
        return self.ids[kind].get(side, 2599 if kind in ("year", "followed") else 999_999)


def make_things(backend: Backend) -> Things:
    """A draft and a filing of two agencies, with attachments, assignments, papers, and an invited person."""
    world, store = backend.world, FileStore(backend.folder / "files")
    things: dict[str, dict[str, Any]] = {
        k: {}
        for k in (
            "draft",
            "filed",
            "attachment",
            "assignment",
            "question",
            "paper",
            "own_paper",
            "mail",
            "identity",
            "earlier",
            "granted",
            "tie",
            "refused",
            "scenario",
            "token",
            "webhook",
            "project",
            "followed",
            "draft_change",
            "quarter_paper",
            "asked_change",
            "report",
            "quarter",
            "evidence",
            "signed_evidence",
            "dropped_report",
            "signed_report",
            "report_upload",
        )
    }
    for side, by, agency, reviewer, printer in (
        ("own", "officer", "alpha", "reviewer_bb", "committee"),
        ("other", "officer_beta", "beta", "reviewer_dga", "secretariat"),
    ):
        draft = complete_draft()
        draft["integration"]["links"][0]["partner"] = "gamma"
        for row in draft["budget"]["rows"]:
            row["agency"] = agency
        for kind in ("draft", "filed"):
            proposal_id = write_draft(world, draft, by=by, agency=agency)
            with open_work(world.actor(by), NOW) as work:
                file = store_file(store, "a.pdf", "application/pdf", b"%PDF-1.7 " + side.encode())
                attachment = attach_file(work, proposal_id, "other", file)
            things[kind][side] = proposal_id
            if kind == "draft":
                things["attachment"][side] = attachment.id
        with open_work(world.actor(by), NOW) as work:
            submit_proposal(work, things["filed"][side], f"key-{side}")
            screen_proposal(work, things["filed"][side])
        (things["assignment"][side],) = give(world, things["filed"][side], reviewer)
        with open_work(world.actor(reviewer), NOW) as work:
            assigned = frozenset({world.users[reviewer]})
            question = ask_question(work, things["filed"][side], "budget", "เหตุใด", assigned)
            things["question"][side] = question.id
        things["earlier"][side] = file_earlier(world, draft, by=by, agency=agency)
        things["granted"][side] = file_earlier(world, draft, by=by, agency=agency)
        decide(world, things["granted"][side], 100)
        things["refused"][side] = things["granted"][side]
        make_project(things, world, side, by)
        with open_work(world.actor(reviewer), NOW) as work:
            things["tie"][side] = declare_tie(work, world.agencies["gamma"], Ground.FORMER)
            work.session.add(
                ConflictStatement(
                    proposal_id=things["refused"][side],
                    user_id=world.users[reviewer],
                    ground=Ground.DECLARED.value,
                    is_conflict=True,
                    at=NOW,
                )
            )
        call = get_call(db.session(), FISCAL_YEAR)
        with open_work(world.actor(printer), NOW) as work:
            things["scenario"][side] = create_scenario(work, call.fiscal_year, side).id
            things["paper"][side] = order_paper(work, call.fiscal_year, "ranking-book", "xlsx", "th").id
            quarter = order_paper(work, LAST_YEAR, "monitoring", "xlsx", "th", FilingChoice(month=3))
            things["quarter_paper"][side] = quarter.id
        with open_work(world.actor(by), NOW) as work:
            at = world.agencies[agency]
            things["token"][side] = issue_token(work, at, side, ["proposals:read"], 30)[0].id
            address, events = "https://hooks.example.go.th/", ["proposal.filed"]
            things["webhook"][side] = add_endpoint(work, at, address, events, allows_local=False).id
        with open_work(world.actor(by), NOW) as work:
            things["own_paper"][side] = order_paper(work, call.fiscal_year, "own-filings", "xlsx", "th").id
        with open_work(SYSTEM, NOW) as work:
            letter = Mail(
                key=side,
                user_id=world.users[by],
                address=World.email(by),
                kind="filing",
                language="th",
                subject=side,
                body=side,
                state="waiting",
                created_at=NOW,
            )
            work.session.add(letter)
            work.session.flush()
            things["mail"][side] = letter.id
    for side, name in (("own", "officer"), ("other", "officer_beta")):
        with open_work(world.actor(name), NOW) as work:
            link_identity(work, "https://login.example.go.th", name, "example")
            things["identity"][side] = work.session.scalars(
                select(ExternalIdentity.id).where(ExternalIdentity.subject == name)
            ).one()
    things |= make_joint_things(world)
    things["upload"] = make_uploads(backend, things["draft"])
    pair = make_pair(things["filed"]["own"], things["filed"]["other"])
    things["pair"] = {"own": pair, "other": pair}
    with open_work(SYSTEM, NOW) as work:
        spare, _token = invite_person(
            work, "spare@test.example", Text("สำรอง", "Spare"), [Membership(Role.ADMIN)]
        )
    things["person"] = {"own": spare, "other": spare}
    with open_work(world.actor("secretariat"), NOW) as work:
        extension = extend_call(
            work, FISCAL_YEAR, None, call.closes_at + timedelta(days=1), "เหตุผลของการขยาย", is_decided=False
        )
    things["extension"] = {"own": extension.id, "other": extension.id}
    things["rulebook"] = {"own": call.rulebook_id, "other": call.rulebook_id}
    things["rubric"] = {"own": call.rubric_id, "other": call.rubric_id}
    with open_work(world.actor("secretariat"), NOW) as work:
        batch_id = screen_call(work, FISCAL_YEAR).batch_id
    things["batch"] = {"own": batch_id, "other": batch_id}
    with open_work(world.actor("secretariat"), NOW) as work:
        panel = make_panel(work, world.call_id, PanelFacts(Text("คณะ", "Panel"), "", "", 1))
        plan = make_plan(
            work, world.call_id, PlanSettings(), (), dict.fromkeys(("seats", "missing", "cost"), 0)
        )
    things["panel"] = {"own": panel, "other": panel}
    things["plan"] = {"own": plan, "other": plan}
    with open_work(world.actor("secretariat"), NOW) as work:
        facts = MeetingFacts(Level.COMMITTEE, "", "", "", NOW)
        meeting = plan_meeting(work, FISCAL_YEAR, facts).id
    things["meeting"] = {"own": meeting, "other": meeting}
    with open_work(world.actor("secretariat"), NOW) as work:
        closed = Meeting(
            call_id=world.call_id,
            level="board",
            ordinal=1,
            number="1/2570",
            starts_at=NOW,
            state="closed",
            created_at=NOW,
            opened_at=NOW,
            closed_at=NOW,
        )
        work.session.add(closed)
        work.session.flush()
        make_book(work, closed, book_store(backend.app.config["DGI"]))
        booked = closed.id
    things["booked"] = {"own": booked, "other": booked}
    things["release"] = {
        side: make_release(world, at=NOW + timedelta(days=day)) for day, side in enumerate(("other", "own"))
    }
    things["reviewer"] = {"own": world.users["reviewer_bb"], "other": world.users["reviewer_dga"]}
    things["year"] = {"own": FISCAL_YEAR, "other": FISCAL_YEAR}
    things["agency"] = {"own": world.agencies["alpha"], "other": world.agencies["beta"]}
    return Things(things)


def make_project(things: dict[str, dict[str, int]], world: World, side: str, by: str) -> None:
    """The granted project, with a change of plan being written and one that is asked for."""
    with open_work(world.actor("secretariat"), NOW) as work:
        project = open_project(work, things["granted"][side])
        things["project"][side] = project.id
        if work.session.get(MonitoredCall, project.call_id) is None:
            rules = canonical_json(freeze_value(ReportingRules()))
            work.session.add(
                MonitoredCall(call_id=project.call_id, origin="filed", rules=rules, opened_at=NOW)
            )
        things["followed"][side] = LAST_YEAR
    with open_work(world.actor(by), NOW) as work:
        draft = begin_change(work, things["project"][side], Cause.DETAIL)
        asked = PlanChange(
            project_id=draft.project_id,
            ordinal=2,
            kind=Cause.EXTENSION.value,
            agency_id=draft.agency_id,
            state="asked",
            base=draft.base,
            content=draft.content,
            made_at=NOW,
            asked_at=NOW,
        )
        work.session.add(asked)
        work.session.flush()
        things["draft_change"][side], things["asked_change"][side] = draft.id, asked.id
    make_reports(things, project.id, side, draft.agency_id)


def make_reports(things: dict[str, dict[str, int]], project_id: int, side: str, agency_id: int) -> None:
    """Reports of that project's agency: being written, of a quarter with evidence, one to drop, one that was signed."""
    with open_work(SYSTEM, NOW) as work:
        call_id = work.session.get_one(Project, project_id).call_id
        for period, name in enumerate(("report", "dropped_report", "signed_report", "quarter"), 1):
            is_signed, kind = name == "signed_report", "progress" if name == "quarter" else "money"
            record = ProgressRecord(
                call_id=call_id,
                agency_id=agency_id,
                kind=kind,
                period=period,
                revision=1,
                state="signed" if is_signed else "draft",
                content='{"note":"","rows":[]}' if is_signed else '{"cells":{}}',
                made_at=NOW,
                saved_at=NOW,
                signed_at=NOW if is_signed else None,
                sha256="0" * 64 if is_signed else None,
                open_for=f"{call_id}:{agency_id}:{kind}:{period}",
            )
            work.session.add(record)
            work.session.flush()
            things[name][side] = record.id
        files = [
            EvidenceFile(
                record_id=things[name][side],
                project_id=project_id,
                position=1,
                name="a.pdf",
                media_type="application/pdf",
                size=1,
                sha256=sha256_bytes(b"%PDF-1.7 " + side.encode()),  # as attached to the draft
                uploaded_at=NOW,
            )
            for name in ("quarter", "signed_report")
        ]
        upload = RecordUpload(
            record_id=things["report"][side],
            uploaded_at=NOW,
            name="a.xlsx",
            size=1,
            sha256=sha256_bytes(b"PK " + side.encode()),  # as sent for the draft
            annotated_sha256=sha256_bytes(b"PK " + side.encode()),
            state="waiting",
        )
        work.session.add_all([*files, upload])
        work.session.flush()
        things["evidence"][side], things["signed_evidence"][side] = (file.id for file in files)
        things["report_upload"][side] = upload.id


def make_pair(earlier: int, later: int) -> int:
    """Two filings that resemble each other."""
    filings = [
        db.session().scalars(select(Submission.id).where(Submission.proposal_id == one)).one()
        for one in (later, earlier)
    ]
    with open_work(SYSTEM, NOW) as work:
        pair = OverlapPair(
            later_id=filings[0],
            earlier_id=filings[1],
            score=900,
            method="by hand",
            content=canonical_json(comparison_as_json(Comparison(900, (), ()))),
            compared_at=NOW,
        )
        work.session.add(pair)
        work.session.flush()
        return pair.id


def make_uploads(backend: Backend, drafts: dict[str, int]) -> dict[str, int]:
    """A workbook sent for a draft of each agency, with a fault and given back marked."""
    world, store = backend.world, FileStore(backend.folder / "workbooks")
    result = UploadResult({}, {}, (Fault("budget", 4, "item", Text("ผิด", "Wrong")),), 1, 1)
    uploads = {}
    for side, by, agency in (("own", "officer", "alpha"), ("other", "officer_beta", "beta")):
        file = store_file(store, "a.xlsx", "", b"PK " + side.encode())
        with open_work(world.actor(by), NOW) as work:
            uploads[side] = upload_workbook(work, drafts[side], world.agencies[agency], file).id
        with open_work(SYSTEM, NOW) as work:
            begin_upload(work, WorkbookUpload, uploads[side])
            finish_upload(work, WorkbookUpload, uploads[side], result, file.sha256)
    return uploads


def make_joint_things(world: World) -> dict[str, dict[str, Any]]:
    """Two drafts of both agencies, each led by one with the other taking part, and a link put to that other."""
    things: dict[str, dict[str, Any]] = {"joint": {}, "part": {}, "request": {}}
    for side, by, lead, partner, partner_by in (
        ("own", "officer_beta", "beta", "alpha", "officer"),
        ("other", "officer", "alpha", "beta", "officer_beta"),
    ):
        draft = complete_draft(names={"participants": [partner]})
        draft["integration"]["links"][0]["partner"] = partner
        for row in draft["budget"]["rows"]:
            row["agency"] = lead
        proposal_id = write_draft(world, draft, by=by, agency=lead)
        with open_work(world.actor(by), NOW) as work:
            invite_participants(work, proposal_id, [partner])
            ask_partners(work, proposal_id)
        with open_work(world.actor(partner_by), NOW) as work:
            answer_invitation(work, proposal_id, world.agencies[partner], joins=True)
        (asked,) = list_link_answers(db.session(), proposal_id)
        things["joint"][side], things["part"][side], things["request"][side] = proposal_id, partner, asked.id
    return things


def enter(backend: Backend, world: World, name: str) -> FlaskClient:
    """A browser in which this person is signed in, without the half second of password hashing."""
    client = backend.app.test_client()
    if name != "visitor":
        with open_work(SYSTEM, NOW) as work:
            token = start_session(work, world.users[name])
        with client.session_transaction() as cookie:
            cookie["_user_id"] = token
    return client


def _expected(who: dict[str, str] | str | None, role: str, name: str, side: str, has_object: bool) -> str:
    if who is None:
        return "in"
    if name == "visitor" or isinstance(who, str):
        return "sign in"  # and where a token is asked for, no session is one
    if role not in who:
        return "forbidden"
    if not has_object:
        return "in"
    if side == "unknown":
        return "not found"
    reach = who[role]
    return "in" if reach == ANY or side in REACH.get((name, reach), set()) else "not found"


def _seen(status: int, location: str) -> str:
    if status == 401 or "/sign-in" in location:
        return "sign in"
    return {403: "forbidden", 404: "not found"}.get(status, "in" if status < 500 else f"fault {status}")


def _people() -> Iterator[tuple[str, str]]:
    yield "visitor", "visitor"
    for role, names in PEOPLE.items():
        for name in names:
            yield role, name


def test_every_route_is_judged(sqlite_backend: Backend) -> None:
    routes = {rule.endpoint for rule in sqlite_backend.app.url_map.iter_rules()}
    assert routes == set(ROUTES)


def test_every_route_answers_only_its_method(sqlite_backend: Backend) -> None:
    for rule in sqlite_backend.app.url_map.iter_rules():
        assert rule.methods is not None
        assert rule.methods - {"HEAD", "OPTIONS"} == {ROUTES[rule.endpoint][0]}, rule.endpoint


def test_every_role_meets_every_route(backend: Backend) -> None:
    """Nobody gets in where the table does not say so, and everybody does where it does."""
    backend.app.config["WTF_CSRF_ENABLED"] = False
    wrong = []
    with backend.app.app_context():
        things = make_things(backend)
        browsers = {name: enter(backend, backend.world, name) for _role, name in _people()}
        db.session.remove()
    for endpoint, (method, who, objects) in ROUTES.items():
        if who is None or endpoint == "account.sign_out":
            continue
        has_object = any(not kind.startswith("=") for kind in objects.values())
        for side in ("unknown", "other", "own") if has_object else ("own",):
            values = {key: things.value(kind, side) for key, kind in objects.items()}
            with backend.app.test_request_context():
                address = backend.app.url_for(endpoint, **values)
            for role, name in _people():
                answer = browsers[name].open(address, method=method, data=BODIES.get(endpoint))
                seen = _seen(answer.status_code, answer.headers.get("Location", ""))
                expected = _expected(who, role, name, side, has_object)
                if seen != expected:
                    wrong.append(f"{method} {address} ({side}) as {name}: {seen}, not {expected}")
    assert not wrong, "\n".join(wrong)


def test_another_proposals_attachment_is_not_found_through_ones_own(backend: Backend) -> None:
    with backend.app.app_context():
        things = make_things(backend)
        officer = enter(backend, backend.world, "officer")
        db.session.remove()
    own, other = things.ids["draft"]["own"], things.ids["attachment"]["other"]
    backend.app.config["WTF_CSRF_ENABLED"] = False
    assert officer.post(f"/agency/proposals/{own}/attachments/{other}/remove").status_code == 404


def test_signed_out_cookie_is_dead(backend: Backend) -> None:
    """A copy of the cookie taken before signing out opens nothing afterwards."""
    backend.app.config["WTF_CSRF_ENABLED"] = False
    with backend.app.app_context():
        browser = enter(backend, backend.world, "officer")
        db.session.remove()
    copy = backend.app.test_client()
    with browser.session_transaction() as cookie:
        token = cookie["_user_id"]
    with copy.session_transaction() as cookie:
        cookie["_user_id"] = token
    assert copy.get("/agency/").status_code == 200
    browser.post("/sign-out")
    assert copy.get("/agency/").status_code == 302


@pytest.mark.parametrize("name", ["officer", "secretariat", "committee", "reviewer_bb", "admin"])
def test_door_counts_the_same_for_head(sqlite_backend: Backend, name: str) -> None:
    """HEAD goes through the same door as GET."""
    with sqlite_backend.app.app_context():
        browser = enter(sqlite_backend, sqlite_backend.world, name)
        db.session.remove()
    for endpoint, (method, who, objects) in ROUTES.items():
        if method == "GET" and who is not None and not objects:
            with sqlite_backend.app.test_request_context():
                address = sqlite_backend.app.url_for(endpoint)
            assert browser.head(address).status_code == browser.get(address).status_code, address


def test_a_drafts_words_reach_nobody_but_its_own_agency(backend: Backend) -> None:
    """A marked text typed in every free field of a draft stands in no page of anybody else, on any address."""
    marker = "ลับเฉพาะXYZZY"
    with backend.app.app_context():
        things = make_things(backend)
        draft = complete_draft()
        draft["names"] |= {"title_th": marker, "title_en": marker}
        draft["rationale"] = dict.fromkeys(draft["rationale"], marker)
        draft["budget"]["rows"][0]["item"] = marker
        things.ids["draft"]["marked"] = marked = write_draft(backend.world, draft)
        browsers = {name: enter(backend, backend.world, name) for _role, name in _people()}
        db.session.remove()
    assert marker in browsers["officer"].get(f"/agency/proposals/{marked}").get_data(as_text=True)
    for name, browser in browsers.items():
        if name in ("officer", "certifier"):
            continue
        for endpoint, (method, _who, objects) in ROUTES.items():
            if method != "GET" or endpoint == "assets.file":
                continue
            values = {
                key: marked if key == "proposal_id" else things.value(kind, "own")
                for key, kind in objects.items()
            }
            with backend.app.test_request_context():
                address = backend.app.url_for(endpoint, **values)
            for ask in (address, f"{address}?text={marker[:4]}&q={marker[:4]}&next=/"):
                assert marker not in _words(browser.get(ask)), f"{ask} shows a draft to {name}"


def _words(answer: TestResponse) -> str:
    """What an answer says, a workbook's sheets included."""
    data = answer.get_data()
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            data = b" ".join(map(parts.read, parts.namelist()))
    return data.decode("utf-8", "replace")
