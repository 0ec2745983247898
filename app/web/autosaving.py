"""What pages that save by themselves share: their answers as JSON, and who is signed in after a session ended.

    {state: "saved", version, said, fields, merged, problems, reload}   said: "saved 14:32" in the reader's words
    {state: "conflict", said}        another text was saved in the same field: the form is sent as a whole, to choose
    {state: "refused", said, problems}

`fields` are changes that came in beside one's own, as name -> text. `static/autosave.js` is the other end.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import jsonify
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from app.kernel.findings import Problem
from app.web.arrival import arrived
from app.web.language import clock_time, say, t
from app.web.signing import current_actor

Answer = tuple[Response, int]


def who_is_here() -> Response:
    """Who is signed in now, and the token of their forms: how a page that outlived its session goes on."""
    return jsonify(person=current_actor().id, csrf=generate_csrf())


def in_words(problems: Iterable[Problem]) -> list[dict[str, str]]:
    """Problems for a script, in the reader's words."""
    return [{"place": p.place, "text": say(p.text)} for p in problems]


def refused(said: str, problems: Iterable[Problem] = ()) -> Answer:
    """Nothing was saved, and sending it again as it is would not help."""
    return jsonify(state="refused", said=said, problems=in_words(problems)), 422


def to_choose(said: str) -> Answer:
    """Two texts stand against each other: the person is asked."""
    return jsonify(state="conflict", said=said), 409


def saved(
    version: int | str,
    *,
    fields: dict[str, str],
    merged: str = "",
    problems: Iterable[Problem] = (),
    reload: bool = False,
    **more: Any,
) -> Answer:
    """It is saved; `problems` are what could not be read and is kept as typed, `more` the page's own."""
    at = clock_time(arrived())
    answer = jsonify(
        state="saved",
        version=version,
        said=t(f"บันทึกแล้ว {at} น.", f"Saved {at}"),
        merged=merged,
        fields=fields,
        reload=reload,
        problems=in_words(problems),
        **more,
    )
    return answer, 200
