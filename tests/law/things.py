"""The objects the walk of all routes asks for: of one side, of the other, and of nobody; and the browsers of its people."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

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
from app.webhooks.actions import add_endpoint, send_test
from app.webhooks.models import WebhookDelivery
from app.workbooks.actions import begin_upload, finish_upload
from app.workbooks.facts import Fault
from app.workbooks.uploads import UploadResult
from tests.conftest import Backend
from tests.proposals.earlier import LAST_YEAR, decide, file_earlier
from tests.releases.publishing import make as make_release
from tests.world import FISCAL_YEAR, NOW, World, complete_draft, give, write_draft


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
            "message",
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
            send_test(work, things["webhook"][side], "https://dgi.example.go.th")
            of = WebhookDelivery.endpoint_id == things["webhook"][side]
            things["message"][side] = work.session.scalars(select(WebhookDelivery.id).where(of)).one()
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


def words_of(answer: TestResponse) -> str:
    """What an answer says, a workbook's sheets included."""
    data = answer.get_data()
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            data = b" ".join(map(parts.read, parts.namelist()))
    return data.decode("utf-8", "replace")
