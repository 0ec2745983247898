"""The administrator's desk: people and their invitations, what was sent by e-mail, and the audit log."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.identity import actions
from app.identity.facts import (
    AGENCY_ROLES,
    BODY_NAMES,
    PERSON_STATES,
    ROLE_NAMES,
    Body,
    Membership,
    Role,
)
from app.identity.outside import list_identities
from app.identity.queries import get_person, list_agencies, list_audit, list_people
from app.identity.rules import ROLES_CLASH, Permission, is_email, roles_clash
from app.identity.second_factors import get_factor_state, reset_second_factor
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.thai_text import TextError, search_key
from app.kernel.work import open_work
from app.notices.facts import KINDS, MAIL_STATES
from app.notices.queries import MailFilter, count_mails, list_mails
from app.web.account import mail_is_set_up
from app.web.arrival import arrived
from app.web.audit_words import AUDIT_WORDS
from app.web.door import needs
from app.web.forms import LARGEST_ID, Choice, Form, Line, read_id
from app.web.language import t
from app.web.shell import Desk, Place
from app.web.signing import current_actor
from app.web.tags import Options

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

desk = Desk(
    Text("ผู้ดูแลระบบ", "Administration"),
    frozenset({Role.ADMIN}),
    (
        Place("admin.people", Text("ผู้ใช้", "People"), Permission.MANAGE_PEOPLE),
        Place("admin.invite", Text("เชิญผู้ใช้", "Invite somebody"), Permission.MANAGE_PEOPLE),
        Place("admin.mails", Text("อีเมลที่ส่ง", "E-mails sent"), Permission.READ_MAILS),
        Place("admin.audit", Text("บันทึกการใช้งาน", "Audit log"), Permission.READ_AUDIT),
    ),
)

PER_PAGE = 50
_AGENCY_NEEDED = Text("บทบาทนี้ต้องระบุหน่วยงาน", "This role needs an agency")
_BODY_NEEDED = Text("ผู้พิจารณาต้องระบุหน่วยร่วมพิจารณา", "A reviewer needs a reviewing body")

_roles = Options((r.value, name) for r, name in ROLE_NAMES.items())
_kinds = Options((kind.value, words.name) for kind, words in KINDS.items())
_bodies = Options((b.value, name) for b, name in BODY_NAMES.items())


class InviteForm(Form):
    email = Line(Text("อีเมล", "E-mail"), needed=True, longest=254)
    name_th = Line(Text("ชื่อและนามสกุล (ภาษาไทย)", "Name in Thai"), needed=True, longest=200)
    name_en = Line(Text("ชื่อและนามสกุล (ภาษาอังกฤษ)", "Name in English"), longest=200)
    role = Choice(Text("บทบาท", "Role"), needed=True, offered=[r.value for r in Role])
    agency = Choice(Text("หน่วยงาน", "Agency"))
    body = Choice(Text("หน่วยร่วมพิจารณา", "Reviewing body"), offered=[b.value for b in Body])

    def problems(self) -> tuple[Problem, ...]:
        found = list(super().problems())
        wrong = {p.place for p in found}
        if "email" not in wrong and not is_email(self.email.data):
            found.insert(0, Problem("email", actions.NOT_AN_EMAIL))
        if self.role.data in AGENCY_ROLES and not self.agency.data and "agency" not in wrong:
            found.append(Problem("agency", _AGENCY_NEEDED))
        if self.role.data == Role.REVIEWER and not self.body.data and "body" not in wrong:
            found.append(Problem("body", _BODY_NEEDED))
        return tuple(found)

    def membership(self) -> Membership:
        """The role as chosen; a body is only a reviewer's."""
        role = Role(self.role.data)
        body = Body(self.body.data) if role is Role.REVIEWER else None
        return Membership(role, read_id(self.agency.data), body)


@blueprint.get("/people")
@needs(Permission.MANAGE_PEOPLE)
def people() -> str:
    """Everybody, to find by name, address, agency or state."""
    wanted, state = request.args.get("q", "").strip(), request.args.get("state", "")
    found = list_people(db.session())
    counts = {key: sum(1 for p in found if p.state == key) for key in PERSON_STATES}
    if state in PERSON_STATES:
        found = [p for p in found if p.state == state]
    try:
        key = search_key(wanted)
    except TextError:
        key = ""
    if key:
        found = [p for p in found if key in search_key(" ".join(_words(p.email, p.name, *p.agency_names)))]
    total, after = len(found), request.args.get("after", "")
    page = [p for p in found if p.email > after][: PER_PAGE + 1]
    return render_template(
        "admin/people.html",
        people=page[:PER_PAGE],
        total=total,
        counts=counts,
        states=PERSON_STATES,
        wanted=wanted,
        state=state if state in PERSON_STATES else "",
        following=page[PER_PAGE - 1].email if len(page) > PER_PAGE else None,
        started=bool(after),
    )


def _words(email: str, *names: Text) -> list[str]:
    return [email, *(word for name in names for word in (name.th, name.en))]


@blueprint.get("/people/<int:user_id>")
@needs(Permission.MANAGE_PEOPLE)
def person(user_id: int) -> str:
    """One person, and what can be done."""
    return _person_page(user_id, None)


def _person_page(user_id: int, link: str | None) -> str:
    found = get_person(db.session(), user_id)
    clash = ROLES_CLASH if roles_clash(m.role for m in found.memberships) else None
    return render_template(
        "admin/person.html",
        person=found,
        link=link,
        clash=clash,
        factor=get_factor_state(db.session(), user_id),
        identities=list_identities(db.session(), user_id),
    )


@blueprint.get("/people/invite")
@needs(Permission.MANAGE_PEOPLE)
def invite() -> str:
    """The invitation form."""
    return _invite_page(InviteForm())


@blueprint.post("/people/invite")
@needs(Permission.MANAGE_PEOPLE)
def invite_post() -> str | tuple[str, int]:
    """Invite somebody; the link is shown once, on the page that answers."""
    form = InviteForm(request.form)
    form.agency.offered = {str(agency.id) for agency in list_agencies(db.session())}
    problems = form.problems()
    if not problems:
        name = Text(form.name_th.data, form.name_en.data)
        try:
            with open_work(current_actor(), arrived()) as work:
                user_id, token = actions.invite_person(work, form.email.data, name, [form.membership()])
        except Refused as refusal:
            problems = refusal.problems
        else:
            return _with_link(user_id, token)
    return _invite_page(form, problems), 422


def _invite_page(form: InviteForm, problems: tuple[Problem, ...] = ()) -> str:
    agencies = Options((str(a.id), a.name) for a in list_agencies(db.session()))
    return render_template(
        "admin/invite.html",
        form=form,
        problems=problems,
        roles=_roles,
        bodies=_bodies,
        agencies=agencies,
    )


def _with_link(user_id: int, token: str) -> str:
    """The person's page with the fresh invitation link; only its hash is kept, so it is shown this once."""
    return _person_page(
        user_id, current_app.config["DGI"].site_url + url_for("account.invitation", token=token)
    )


@blueprint.post("/people/<int:user_id>/renew-invitation")
@needs(Permission.MANAGE_PEOPLE)
def renew(user_id: int) -> str:
    """A fresh invitation link, shown once."""
    with open_work(current_actor(), arrived()) as work:
        token = actions.renew_invitation(work, user_id)
    return _with_link(user_id, token)


@blueprint.post("/people/<int:user_id>/second-factor")
@needs(Permission.MANAGE_PEOPLE)
def reset_factor(user_id: int) -> Response:
    """Take away the second factor of somebody who lost it."""
    with open_work(current_actor(), arrived()) as work:
        reset_second_factor(work, user_id)
    flash(
        t(
            "ล้างการยืนยันตัวตนสองขั้นแล้ว ทุกเบราว์เซอร์ของผู้ใช้นี้ถูกออกจากระบบ",
            "The second factor is reset; every browser of this person is signed out.",
        )
    )
    return redirect(url_for("admin.person", user_id=user_id), 303)


@blueprint.post("/people/<int:user_id>/disable")
@needs(Permission.MANAGE_PEOPLE)
def disable(user_id: int) -> Response:
    """Shut somebody out at once."""
    with open_work(current_actor(), arrived()) as work:
        actions.disable_person(work, user_id)
    flash(
        t(
            "ระงับบัญชีแล้ว ทุกเบราว์เซอร์ของผู้ใช้นี้ถูกออกจากระบบ",
            "Disabled; every browser of this person is signed out.",
        )
    )
    return redirect(url_for("admin.person", user_id=user_id), 303)


@blueprint.post("/people/<int:user_id>/enable")
@needs(Permission.MANAGE_PEOPLE)
def enable(user_id: int) -> Response:
    """Let somebody in again."""
    with open_work(current_actor(), arrived()) as work:
        actions.enable_person(work, user_id)
    flash(t("เปิดใช้บัญชีอีกครั้งแล้ว", "The account is enabled again."))
    return redirect(url_for("admin.person", user_id=user_id), 303)


@blueprint.get("/e-mails")
@needs(Permission.READ_MAILS)
def mails() -> str:
    """What was sent to whom, newest first, to find by address, kind or state; never what it says."""
    kind, state = request.args.get("kind", ""), request.args.get("state", "")
    wanted = MailFilter(
        address=request.args.get("q", "").strip()[:254],
        kind=kind if kind in KINDS else "",
        state=state if state in MAIL_STATES else "",
    )
    before = read_id(request.args.get("before")) or LARGEST_ID
    session, actor = db.session(), current_actor()
    rows = list_mails(session, actor, wanted, before=before, limit=PER_PAGE + 1)
    return render_template(
        "admin/mails.html",
        mails=rows[:PER_PAGE],
        wanted=wanted,
        kinds=KINDS,
        kind_options=_kinds.html(wanted.kind),
        states=MAIL_STATES,
        counts=count_mails(session, actor),
        following=rows[PER_PAGE - 1].id if len(rows) > PER_PAGE else None,
        started=before != LARGEST_ID,
        has_mail_server=mail_is_set_up(),
    )


@blueprint.get("/audit")
@needs(Permission.READ_AUDIT)
def audit() -> str:
    """The audit log, newest first; `before` pages on, `subject` keeps to one thing."""
    before = read_id(request.args.get("before")) or LARGEST_ID
    subject = request.args.get("subject", "").strip()[:120]
    rows = list_audit(db.session(), before=before, subject=subject, limit=PER_PAGE + 1)
    return render_template(
        "admin/audit.html",
        rows=rows[:PER_PAGE],
        words=AUDIT_WORDS,
        subject=subject,
        following=rows[PER_PAGE - 1].seq if len(rows) > PER_PAGE else None,
        started=before != LARGEST_ID,
    )
