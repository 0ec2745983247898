"""The yardstick: a bare Flask + SQLAlchemy Core + Jinja app showing the same rows, with nothing round them."""

from __future__ import annotations

import json

from flask import Flask, Response, abort, redirect, render_template_string, request
from sqlalchemy import create_engine, event, text

_LIST = """<!doctype html><table>{% for r in rows %}<tr><td>{{ loop.index }}</td><td>{{ r.number }}</td>
<td>{{ r.title_th }}</td><td>{{ r.name_th }}</td><td>{{ r.ministry }}</td><td>{{ r.stage }}</td><td>{{ r.state }}</td>
<td>{{ r.mean }}</td><td>{{ r.n }}</td><td>{{ "{:,.2f}".format(r.total / 100) }}</td></tr>{% endfor %}</table>"""

_PROPOSAL = """<!doctype html><h1>{{ f.title.th }}</h1><p>{{ f.lead.name.th }}</p><p>{{ f.rationale }}</p><p>{{ f.objectives }}</p>
<p>{{ f.outputs }}</p><table>{% for l in f.lines %}<tr><td>{{ l.item }}</td><td>{{ l.quantity }}</td><td>{{ l.unit_price }}</td>
{% for q in l.quarters %}<td>{{ q }}</td>{% endfor %}</tr>{% endfor %}</table>
<ul>{% for r in findings %}<li>{{ r.rule }} {{ r.outcome }} {{ r.content }}</li>{% endfor %}</ul>
<ul>{% for r in reviews %}<li>{{ r.total }} {{ r.scores }}</li>{% endfor %}</ul>"""

_FORM = """<!doctype html><form method="post">{% for r in rows %}{% set n = loop.index %}<fieldset>
<select name="agency-{{ n }}">{% for a in agencies %}<option value="{{ a.code }}"{% if a.code == r.agency %} selected{% endif %}>{{ a.name_th }}</option>{% endfor %}</select>
{% for k in keys %}<label for="{{ k }}-{{ n }}">{{ k }}</label><input id="{{ k }}-{{ n }}" name="{{ k }}-{{ n }}" value="{{ r[k] }}">{% endfor %}
</fieldset>{% endfor %}</form>"""

_KEYS = [
    "category",
    "item",
    "quantity",
    "unit",
    "unit_price",
    "q1",
    "q2",
    "q3",
    "q4",
    "later1",
    "later2",
    "later3",
    "later4",
]


def make_bare_app(database_url: str) -> Flask:
    """The bare app over the same database."""
    app = Flask("bare")
    engine = create_engine(database_url)

    @event.listens_for(engine, "connect")
    def on_connect(connection, _record) -> None:  # type: ignore[no-untyped-def]
        connection.execute("PRAGMA busy_timeout=10000")
        connection.execute("PRAGMA synchronous=3")

    @app.get("/list/<int:call_id>")
    def ranked(call_id: int) -> str:
        with engine.connect() as c:
            rows = c.execute(
                text(
                    "SELECT p.number, p.title_th, a.name_th, m.name_th AS ministry, p.stage, p.state, p.total, "
                    "r.mean, r.n FROM proposals p JOIN agencies a ON a.id = p.lead_agency_id "
                    "JOIN ministries m ON m.id = a.ministry_id LEFT JOIN (SELECT proposal_id, "
                    "sum(total) * 1.0 / count(*) AS mean, count(*) AS n FROM assignments "
                    "WHERE submitted_at IS NOT NULL GROUP BY proposal_id) r ON r.proposal_id = p.id "
                    "WHERE p.call_id = :call AND p.state <> 'draft' ORDER BY r.mean DESC"
                ),
                {"call": call_id},
            ).all()
        return render_template_string(_LIST, rows=rows)

    @app.get("/proposal/<int:proposal_id>")
    def proposal(proposal_id: int) -> str:
        of = {"id": proposal_id}
        with engine.connect() as c:
            content = c.execute(
                text("SELECT content FROM submissions WHERE proposal_id = :id"), of
            ).scalar_one()
            findings = c.execute(
                text(
                    "SELECT f.rule, f.outcome, f.content FROM screening_findings f JOIN screening_runs s "
                    "ON s.id = f.run_id WHERE s.proposal_id = :id"
                ),
                of,
            ).all()
            reviews = c.execute(
                text("SELECT total, scores FROM assignments WHERE proposal_id = :id"), of
            ).all()
        return render_template_string(_PROPOSAL, f=json.loads(content), findings=findings, reviews=reviews)

    @app.get("/form/<int:proposal_id>")
    def form(proposal_id: int) -> str:
        with engine.connect() as c:
            content = c.execute(
                text("SELECT content FROM proposal_drafts WHERE proposal_id = :id"), {"id": proposal_id}
            ).scalar_one()
            agencies = c.execute(text("SELECT code, name_th FROM agencies ORDER BY sort_key")).all()
        rows = json.loads(content)["budget"]["rows"]
        return render_template_string(_FORM, rows=rows, agencies=agencies, keys=_KEYS)

    @app.post("/save/<int:assignment_id>")
    def save(assignment_id: int) -> Response:
        """The rows our page reads and writes: who is signed in, the review, its proposal; the scores and one log row."""
        scores = {k: {"level": int(v), "comment": ""} for k, v in request.form.items()}
        if not all(0 <= value["level"] <= 4 for value in scores.values()):  # type: ignore[operator]
            abort(422)
        of = {"id": assignment_id}
        with engine.begin() as c:
            c.execute(
                text("SELECT * FROM users u JOIN memberships m ON m.user_id = u.id WHERE u.id = 1")
            ).all()
            review = c.execute(
                text(
                    "SELECT a.*, p.state FROM assignments a JOIN proposals p ON p.id = a.proposal_id WHERE a.id = :id"
                ),
                of,
            ).one()
            c.execute(
                text("UPDATE assignments SET scores = :scores WHERE id = :id"),
                {"scores": json.dumps(scores), **of},
            )
            c.execute(
                text(
                    "INSERT INTO review_revisions (assignment_id, version, content, notes, cause, reason, page, rubric_id, at)"
                    " VALUES (:id, (SELECT COALESCE(MIN(version), 0) - 1 FROM review_revisions WHERE assignment_id = :id),"
                    " :scores, '', 'saved', '', '', :rubric, '2026-01-01')"
                ),
                {"scores": json.dumps(scores), "rubric": review.rubric_id, **of},
            )
            c.execute(
                text(
                    "INSERT INTO outbox (topic, payload, created_at, due_at, attempts) VALUES ('log', :p, '2026-01-01', '2027-01-01', 0)"
                ),
                {"p": json.dumps(scores)},
            )
        return redirect(f"/proposal/{review.proposal_id}", 303)  # type: ignore[return-value]

    return app
