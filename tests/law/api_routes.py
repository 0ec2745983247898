"""The routes of the machine door, judged by hand: who shows which token comes in where (tests/web/api/test_door.py walks
them); whoever shows none stays outside, whatever page they are signed in to."""

from __future__ import annotations

TOKEN = "token"
_P = {"number": "=2570-0001"}
_Y = {"fiscal_year": "=2570"}

SECTIONS = ("names", "plan", "integration", "rationale", "indicators", "budget")
PARTS = ("links", "indicators", "budget")
API_ROUTES: dict[str, tuple[str, str | None, dict[str, str]]] = {
    "api.list_all_calls": ("GET", None, {}),
    "api.read_call": ("GET", None, _Y),
    "api.list_register": ("GET", None, {}),
    "api_page.show": ("GET", None, {}),
    "api_page.document": ("GET", None, {}),
    "api.read_token": ("GET", TOKEN, {}),
    "api.list_proposals": ("GET", TOKEN, {}),
    "api.begin_proposal": ("POST", TOKEN, {}),
    "api.read_proposal": ("GET", TOKEN, _P),
    "api.check_proposal": ("GET", TOKEN, _P),
    **{f"api.read_{section}": ("GET", TOKEN, _P) for section in SECTIONS},
    **{f"api.write_{section}": ("PUT", TOKEN, _P) for section in SECTIONS},
    **{f"api.read_part_{part}": ("GET", TOKEN, {**_P, "agency": "=beta"}) for part in PARTS},
    **{f"api.write_part_{part}": ("PUT", TOKEN, {**_P, "agency": "=beta"}) for part in PARTS},
    "api.file_draft": ("POST", TOKEN, _P),
    "api.list_receipts": ("GET", TOKEN, _P),
    "api.read_receipt": ("GET", TOKEN, {**_P, "sequence": "=1"}),
    "api.list_links": ("GET", TOKEN, {}),
    "api.read_link": ("GET", TOKEN, {"link": "=1"}),
    "api.give_answer": ("POST", TOKEN, {"link": "=1"}),
    "api.list_all_projects": ("GET", TOKEN, _Y),
    "api.read_project": ("GET", TOKEN, _P),
    "api.list_plan_changes": ("GET", TOKEN, _P),
    "api.read_plan_change": ("GET", TOKEN, {**_P, "ordinal": "=1"}),
    "api.ask_for_change": ("POST", TOKEN, _P),
    "api.list_reports": ("GET", TOKEN, _Y),
    "api.read_report": ("GET", TOKEN, {"report": "=1"}),
    "api.report_month": ("POST", TOKEN, {**_Y, "month": "=1"}),
    "api.report_quarter": ("POST", TOKEN, {**_Y, "quarter": "=1"}),
    "api.list_filed": ("GET", TOKEN, _Y),
    "api.read_filing": ("GET", TOKEN, _P),
    "api.read_screening": ("GET", TOKEN, _P),
    "api.list_decisions": ("GET", TOKEN, _Y),
}
