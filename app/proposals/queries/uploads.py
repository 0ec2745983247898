"""Workbooks on their way into a draft: what they are read against, where each stands, what they were made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.calls.queries import CallView, get_call_by_id
from app.identity.facts import Actor
from app.identity.models import User
from app.identity.rules import Permission, Target, require
from app.kernel.errors import NotFound
from app.proposals.drafts import empty_section
from app.proposals.facts import AgencyRef
from app.proposals.models import WorkbookUpload
from app.proposals.queries.drafts import DraftView, agency_directory, read_draft
from app.proposals.queries.questions import find_open_return
from app.proposals.queries.revisions import read_revisions
from app.proposals.returns import OpenReturn
from app.proposals.sections import Ground
from app.proposals.sheets import SHEETS, Subject
from app.proposals.states import RETURNED
from app.workbooks.queries import UploadRow, row_of, select_uploads
from app.workbooks.uploads import Value


def find_subject(session: Session, proposal_id: int, agency_id: int) -> Subject:
    """What a workbook of this agency in this proposal is made of and read against, as it stands now. The caller has
    checked who asks. Raises `NotFound` for an agency that fills in nothing there."""
    view = read_draft(session, proposal_id)
    returned = find_open_return(session, proposal_id) if view.state == RETURNED else None
    return subject_of(
        view, get_call_by_id(session, view.call_id), agency_directory(session), returned, agency_id
    )


def subject_of(
    view: DraftView,
    call: CallView,
    directory: Mapping[str, AgencyRef],
    returned: OpenReturn | None,
    agency_id: int,
) -> Subject:
    """The same of a draft that was read."""
    code, page, versions = _page(view, agency_id)
    is_lead = agency_id == view.lead_agency_id
    if is_lead:
        named = (code, *dict.fromkeys(view.draft["names"]["participants"]))
        agencies = tuple(c for c in dict.fromkeys(named) if c in directory and c not in view.joined)
    else:
        agencies = (code,)
    opened = [section for section in SHEETS if returned is None or section in returned.sections]
    return Subject(
        call=call.name,
        fiscal_year=call.fiscal_year,
        number=view.number,
        title=view.title,
        agency=directory[code],
        is_lead=is_lead,
        ground=Ground(call.plan, call.limits, directory, agencies, is_part=not is_lead),
        values={section: page[section] for section in opened},
        versions={section: versions[section] for section in opened},
    )


def _page(view: DraftView, agency_id: int) -> tuple[str, dict[str, Any], Mapping[str, int]]:
    """The code of the agency, and what it writes on with its versions."""
    if agency_id == view.lead_agency_id:
        return view.lead_code, view.draft, view.section_versions
    part = view.part_of(agency_id)
    if part is None or part.code not in view.joined:
        raise NotFound()
    return part.code, part.part, part.section_versions


def list_uploads(session: Session, proposal_id: int, agency_id: int, most: int = 20) -> list[UploadRow]:
    """What an agency sent for its part of a proposal, latest first. The caller has checked who asks."""
    rows = session.execute(
        _uploads()
        .where(WorkbookUpload.proposal_id == proposal_id, WorkbookUpload.agency_id == agency_id)
        .order_by(WorkbookUpload.id.desc())
        .limit(most)
    )
    return [row_of(row) for row in rows]


def get_upload(session: Session, actor: Actor, upload_id: int) -> UploadRow:
    """A workbook sent for the actor's own agency. Raises `NotFound`."""
    row = session.execute(_uploads().where(WorkbookUpload.id == upload_id)).first()
    if row is None:
        require(actor, Permission.WRITE_PROPOSAL)
        raise NotFound()
    require(actor, Permission.WRITE_PROPOSAL, Target(frozenset({row.agency_id})))
    return row_of(row)


def _uploads() -> Any:
    table = WorkbookUpload
    return select_uploads(table, table.proposal_id, table.agency_id, User.name_th, User.name_en).outerjoin(
        User, User.id == table.uploaded_by
    )


def read_sources(
    session: Session, proposal_id: int, agency_id: int, came_from: Mapping[str, int]
) -> dict[str, Value]:
    """Section -> what a template was made from, without those whose save is not known. One query."""
    kept = read_revisions(session, proposal_id, [(agency_id, s, version) for s, version in came_from.items()])
    found = {section: value for (_, section, _), value in kept.items()}
    return {section: empty_section(section) for section, n in came_from.items() if n == 1} | found
