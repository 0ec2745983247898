"""The register of interests as a file."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from werkzeug.wrappers import Response

from app.calls.queries import get_call
from app.identity.rules import Permission
from app.kernel.db import db
from app.reviews.conflicts import GROUND_NAMES, TIE_NAMES
from app.reviews.queries.register import Register, TiedPair, list_ties, read_register
from app.reviews.states import ASSIGNMENT_STATES
from app.web.door import needs
from app.web.downloads import send_download
from app.web.language import say, t
from app.web.secretariat.conflicts import VERDICT_TAGS, body_name, read_asked
from app.web.secretariat.desk import blueprint
from app.web.signing import current_actor
from reports.csvs import write_csv
from reports.document import Column, Table


@blueprint.get("/calls/<int:fiscal_year>/conflicts.csv")
@needs(Permission.JUDGE_CONFLICT)
def conflicts_csv(fiscal_year: int) -> Response:
    """The register as it is filtered, one row for each ground; then what reviewers declared of agencies."""
    session, actor = db.session(), current_actor()
    register = read_register(session, actor, get_call(session, fiscal_year))
    asked = read_asked(register)
    rows = [row for pair in register.pairs if asked.fits(pair) for row in _rows(register, pair)]
    if not asked.query:
        rows += [
            (
                say(tie.name), "", "", "", "", say(tie.agency), say(TIE_NAMES[tie.tie]), say(tie.agency),
                t("ถอนคำแจ้งแล้ว", "Taken back") if tie.ended_at else t("แจ้งไว้", "Declared"),
                tie.note, say(tie.name), tie.at,
            )
            for tie in list_ties(session, actor)
        ]  # fmt: skip
    target = io.BytesIO()
    write_csv(_table(rows), target)
    name = t(f"ทะเบียนผลประโยชน์ทับซ้อน {fiscal_year}.csv", f"register-of-interests-{fiscal_year}.csv")
    return send_download(target.getvalue(), name, f"register-of-interests-{fiscal_year}", "text/csv")


def _rows(register: Register, pair: TiedPair) -> Iterator[tuple[object, ...]]:
    for ground in pair.standing.grounds:
        said = ground.said
        yield (
            say(pair.name),
            say(body_name(pair)),
            pair.number,
            say(pair.title),
            say(ASSIGNMENT_STATES[pair.assignment_state]) if pair.assignment_state else "",
            say(pair.lead),
            say(GROUND_NAMES[ground.ground]),
            say(register.rests_on(ground.ground, ground.ids)),
            say(VERDICT_TAGS[ground.verdict][1]),
            said.reason if said else "",
            say(register.speakers[said.by]) if said and said.by is not None else "",
            said.at if said else None,
        )


def _table(rows: Sequence[tuple[object, ...]]) -> Table:
    return Table(
        "interests",
        t("ทะเบียนผลประโยชน์ทับซ้อน", "Register of interests"),
        (
            Column("person", t("ชื่อ", "Name")),
            Column("body", t("หน่วยร่วมพิจารณา", "Body")),
            Column("number", t("เลขที่", "Number")),
            Column("title", t("โครงการ", "Project")),
            Column("assignment", t("การมอบหมาย", "Assignment")),
            Column("agency", t("หน่วยงานหลัก", "Lead agency")),
            Column("ground", t("เหตุ", "Ground")),
            Column("rests_on", t("อ้างอิงจาก", "Rests on")),
            Column("verdict", t("ผล", "Result")),
            Column("reason", t("เหตุผลของคำวินิจฉัย", "Reason of the word")),
            Column("by", t("โดย", "By")),
            Column("at", t("เมื่อ", "When"), "date"),
        ),
        tuple(rows),
    )
