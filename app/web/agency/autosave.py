"""Saving by itself: each field within two seconds of rest, and the answer a script shows.

What cannot be read is kept as it was typed, so that one bad amount does not hold up the rest. The answer is JSON:

    {state: "saved", version, said, fields, merged, problems, panel, sums}   said: "saved 14:32" in the reader's words
    {state: "conflict", said}        another person changed the same field: the form is sent as a whole, to choose
    {state: "refused", said, problems}

`fields` are other people's changes that came in beside one's own, as name -> text; when they cannot be put in their
places one by one (a row came or went), `reload` is true.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import jsonify, render_template, request
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from app.identity.rules import Permission
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.proposals.actions import Conflict, Saved
from app.proposals.sections import list_unreadable, read_section, show_section
from app.web.agency.board import blueprint
from app.web.agency.section import ADDRESS, PART_ADDRESS, SectionForm, open_writable
from app.web.agency.selfcheck import self_check
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import clock_time, say, t
from app.web.signing import current_actor

Answer = tuple[Response, int]


@blueprint.get("/session")
@needs(Permission.READ_PROPOSAL)
def session_again() -> Response:
    """Who is signed in now, and the token of their forms: how a page that outlived its session goes on."""
    return jsonify(person=current_actor().id, csrf=generate_csrf())


@blueprint.post(f"{ADDRESS}/autosave", endpoint="autosave")
@blueprint.post(f"{PART_ADDRESS}/autosave", endpoint="part_autosave")
@needs(Permission.WRITE_PROPOSAL)
def section_autosave(proposal_id: int, section: str, code: str | None = None) -> Answer:
    """Save what stands in the form, whatever state it is in."""
    form = open_writable(proposal_id, section, code)
    reading = read_section(section, request.form.to_dict(flat=False), form.ground)
    if reading.kept is None:
        return _refused(t("ยังบันทึกไม่ได้ กรุณาแก้ไข", "Not saved yet; please mend"), reading.problems)
    try:
        version, page = read_id(request.form.get("version")) or 0, request.form.get("page", "")
        saved = form.save(reading.kept, version, "autosaved", page)
    except Conflict as conflict:
        by = say(conflict.by) or t("ผู้อื่น", "somebody else")
        said = t(
            f"{by} บันทึกข้อความอื่นในช่องเดียวกัน ข้อความของท่านยังอยู่ กรุณาเลือกข้อความที่จะใช้",
            f"{by} saved another text in the same field. Yours is still here; choose which to keep.",
        )
        return jsonify(state="conflict", said=said), 409
    except Refused as refusal:
        return _refused(say(refusal.text), refusal.problems)
    return _saved(form.after(saved), saved)


def _refused(said: str, problems: tuple[Problem, ...]) -> Answer:
    return jsonify(state="refused", said=said, problems=_in_words(problems)), 422


def _in_words(problems: tuple[Problem, ...]) -> list[dict[str, str]]:
    return [{"place": p.place, "text": say(p.text)} for p in problems]


def _saved(form: SectionForm, saved: Saved) -> Answer:
    at = clock_time(arrived())
    fields, reload = _taken(form.section, saved)
    return (
        jsonify(
            state="saved",
            version=saved.version,
            said=t(f"บันทึกแล้ว {at} น.", f"Saved {at}"),
            merged=t(
                "มีผู้อื่นแก้ไขช่องอื่นของส่วนนี้ด้วย ข้อความของทั้งสองฝ่ายอยู่ครบ",
                "Somebody else changed other fields of this section too; both texts are kept.",
            )
            if saved.taken
            else "",
            fields=fields,
            reload=reload,
            problems=_in_words(list_unreadable(form.section, form.value, form.ground)),
            panel=render_template("agency/panel.html", check=self_check(form), opened=form.opened),
        ),
        200,
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
