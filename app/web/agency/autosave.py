"""Saving by itself: each field within two seconds of rest, and the answer a script shows (see `app.web.autosaving`).

What cannot be read is kept as it was typed, so that one bad amount does not hold up the rest. An answer has the page's
`panel` beside it. When other people's changes cannot be put in their places one by one (a row came or went), `reload` is
true.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response

from app.identity.rules import Permission
from app.kernel.errors import Refused
from app.kernel.text import Text
from app.proposals.actions import Conflict, Saved
from app.proposals.sections import list_unreadable, read_section, show_section
from app.web.agency.board import blueprint
from app.web.agency.section import ADDRESS, PART_ADDRESS, SectionForm, open_writable
from app.web.agency.selfcheck import self_check
from app.web.autosaving import Answer, refused, saved, to_choose, who_is_here
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import say, t

_OTHER_WINDOW = Text(
    "ท่านบันทึกข้อความอื่นในช่องเดียวกันจากอีกหน้าต่างหนึ่ง ข้อความของหน้านี้ยังอยู่ กรุณาเลือกข้อความที่จะใช้",
    "You saved another text in the same field in another window. This page’s is still here; choose which to keep.",
)


@blueprint.get("/session")
@needs(Permission.READ_PROPOSAL)
def session_again() -> Response:
    """Who is signed in now."""
    return who_is_here()


@blueprint.post(f"{ADDRESS}/autosave", endpoint="autosave")
@blueprint.post(f"{PART_ADDRESS}/autosave", endpoint="part_autosave")
@needs(Permission.WRITE_PROPOSAL)
def section_autosave(proposal_id: int, section: str, code: str | None = None) -> Answer:
    """Save what stands in the form, whatever state it is in."""
    form = open_writable(proposal_id, section, code)
    reading = read_section(section, request.form.to_dict(flat=False), form.ground)
    if reading.kept is None:
        return refused(t("ยังบันทึกไม่ได้ กรุณาแก้ไข", "Not saved yet; please mend"), reading.problems)
    try:
        version, page = read_id(request.form.get("version")) or 0, request.form.get("page", "")
        kept = form.save(reading.kept, version, "autosaved", page)
    except Conflict as conflict:
        if conflict.is_own:
            return to_choose(say(_OTHER_WINDOW))
        by = say(conflict.by) or t("ผู้อื่น", "somebody else")
        said = t(
            f"{by} บันทึกข้อความอื่นในช่องเดียวกัน ข้อความของท่านยังอยู่ กรุณาเลือกข้อความที่จะใช้",
            f"{by} saved another text in the same field. Yours is still here; choose which to keep.",
        )
        return to_choose(said)
    except Refused as refusal:
        return refused(say(refusal.text), refusal.problems)
    return _saved(form.after(kept), kept)


def _saved(form: SectionForm, kept: Saved) -> Answer:
    fields, reload = _taken(form.section, kept)
    return saved(
        kept.version,
        fields=fields,
        reload=reload,
        merged=t(
            "มีผู้อื่นแก้ไขช่องอื่นของส่วนนี้ด้วย ข้อความของทั้งสองฝ่ายอยู่ครบ",
            "Somebody else changed other fields of this section too; both texts are kept.",
        )
        if kept.taken
        else "",
        problems=list_unreadable(form.section, form.value, form.ground),
        panel=render_template("agency/panel.html", check=self_check(form), opened=form.opened),
    )


def _taken(section: str, saved: Saved) -> tuple[dict[str, str], bool]:
    """Texts that came in from somebody else by their field names, and whether more changed than single texts."""
    shown = show_section(section, saved.value)
    fields = {}
    for place in saved.taken:
        text = _text_at(section, place, shown)
        if text is None:
            return {}, True
        fields[place] = text
    return fields, False


def _text_at(section: str, place: str, shown: Mapping[str, Any]) -> str | None:
    rest = place.removeprefix(f"{section}-")
    if match := re.fullmatch(r"([0-9]{1,5})-(\w+)", rest):
        rows = shown.get("links" if section == "integration" else "rows", [])
        n = int(match[1]) - 1
        value = rows[n].get(match[2]) if n < len(rows) else None
    else:
        value = shown.get(rest)
    return value if isinstance(value, str) else None
