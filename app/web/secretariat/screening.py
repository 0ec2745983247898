"""The screening desk: what needs a person first, who looks after what, and how far the screening of a call is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from functools import partial
from urllib.parse import urlencode

from flask import render_template, request, url_for
from sqlalchemy.orm import Session

from app.calls.facts import Origin, Severity
from app.calls.queries import CallView, list_calls
from app.identity.queries import list_agencies
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.findings import Outcome, Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.screening.casework import (
    MINE,
    MOST_AT_ONCE,
    NOBODY,
    ORDER_NAMES,
    STANDING_NAMES,
    WAITS_FOR_PERSON,
    Key,
    Order,
    QueueEntry,
    QueueFilter,
    Standing,
    key_of,
    read_key,
    tallies_by_assignee,
    tally_of,
    write_key,
)
from app.screening.queries import describe_queue, list_queue, list_screeners
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import count, t
from app.web.secretariat.desk import blueprint
from app.web.secretariat.proposals import wanted_text
from app.web.shell import current_call
from app.web.signing import current_actor
from app.web.tags import OUTCOME_NAMES, Options

PER_PAGE = 50
KINDS = {
    Standing.NEEDS_PERSON: "warn",
    Standing.UNSCREENED: "wait",
    Standing.FAILS: "bad",
    Standing.PASSES: "good",
    Standing.RETURNED: "wait",
    Standing.DECIDED: "sent",
}
YES_NO = {"yes": Text("มี", "Yes"), "no": Text("ไม่มี", "No")}
_YEAR = Text("ปี {year}", "FY {year}")
_CODE = re.compile(r"[\w.-]{1,20}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: a filter, an order, and both as they stand in addresses."""

    wanted: QueueFilter
    order: Order
    query: Mapping[str, str]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query.keys() - {"sort"})


def read_asked(call: CallView, args: Mapping[str, str], ministries: Iterable[str] | None = None) -> Asked:
    """Filter and order of an address; values that are not offered are let go. Without `ministries` any code is taken."""
    rules = {rule.code for rule in call.rulebook.rules}
    offered: dict[str, Iterable[str]] = {
        "standing": [s.value for s in Standing],
        "rule": rules,
        "outcome": [o.value for o in Outcome],
        "stage": [c.code for c in call.plan.stages],
        "judged": YES_NO,
        "overlaps": YES_NO,
    }
    query = {
        key: value for key, values in offered.items() if (value := args.get(key, "")) in values and value
    }
    if text := wanted_text(args.get("q", "")):
        query["q"] = text
    ministry = args.get("ministry", "")
    if _CODE.fullmatch(ministry) and (ministries is None or ministry in ministries):
        query["ministry"] = ministry
    assignee = args.get("assignee", "")
    if assignee in (MINE, NOBODY) or read_id(assignee) is not None:
        query["assignee"] = assignee
    order = Order(sort) if (sort := args.get("sort", "")) in ORDER_NAMES else Order.PRIORITY
    if order is not Order.PRIORITY:
        query["sort"] = order.value
    assignee = query.get("assignee", "")
    wanted = QueueFilter(
        text=query.get("q", ""),
        standing=query.get("standing", ""),
        rule=query.get("rule", ""),
        outcome=query.get("outcome", ""),
        assignee=str(current_actor().id) if assignee == MINE else assignee,
        stage=query.get("stage", ""),
        ministry=query.get("ministry", ""),
        judged=query.get("judged", ""),
        overlaps=query.get("overlaps", ""),
    )
    return Asked(wanted, order, query)


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue as asked for: all filings of the call, those that fit in their order with their keys."""

    entries: Sequence[QueueEntry]
    fitting: Sequence[QueueEntry]
    keys: Sequence[Key]


def read_queue(session: Session, call: CallView, asked: Asked) -> Queue:
    """Every filing of the call, and those that fit, first things first."""
    entries = list_queue(session, current_actor(), call.id, asked.wanted)
    keyed = sorted((key_of(entry, asked.order), n) for n, entry in enumerate(entries) if entry.fits)
    return Queue(entries, [entries[n] for _, n in keyed], [key for key, _ in keyed])


@dataclass(frozen=True, slots=True)
class Typed:
    """What was ticked and typed for many proposals, to show it again."""

    picked: frozenset[int] = frozenset()
    values: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        return self.values.get(name, "")


def screened_calls(session: Session) -> list[CallView]:
    """Calls that are screened here, latest first."""
    return [call for call in list_calls(session) if call.origin is not Origin.IMPORTED]


def chosen_call(calls: Sequence[CallView], typed: str) -> CallView | None:
    """The call of the address, else the current one, else the latest. Raises `NotFound` for a year without a call."""
    if typed:
        found = next((call for call in calls if str(call.fiscal_year) == typed), None)
        if found is None:
            raise NotFound()
        return found
    return current_call(calls) or next(iter(calls), None)


@blueprint.get("/screening")
@needs(Permission.RUN_SCREENING)
def screening() -> str:
    """The queue of a call."""
    calls = screened_calls(db.session())
    call = chosen_call(calls, request.args.get("call", ""))
    if call is None:
        return render_template("secretariat/screening_none.html")
    return queue_page(calls, call)


def queue_page(
    calls: Sequence[CallView], call: CallView, problems: Sequence[Problem] = (), typed: Typed | None = None
) -> str:
    """The queue of a call as the address asks for it."""
    session = db.session()
    typed = typed or Typed()
    ministries = {a.ministry_code: a.ministry for a in list_agencies(session)}
    asked = read_asked(call, request.args, ministries)
    queue = read_queue(session, call, asked)
    after = read_key(request.args.get("after", ""))
    start = 0 if after is None else sum(key <= after for key in queue.keys)
    shown = queue.fitting[start : start + PER_PAGE]
    more = len(queue.fitting) > start + PER_PAGE
    people = list_screeners(session)
    everybody = tally_of(queue.entries)
    unattended = sum(e.standing in WAITS_FOR_PERSON and e.assignee_id is None for e in queue.entries)
    rules = [(rule.code, rule.name) for rule in call.rulebook.rules]
    deciding = [(r.code, r.name) for r in call.rulebook.rules if r.severity is Severity.DECIDES]
    return render_template(
        "secretariat/screening.html",
        call=call,
        rows=describe_queue(session, call, [entry.proposal_id for entry in shown]),
        since={entry.proposal_id: entry.since for entry in shown},
        standings={entry.proposal_id: entry.standing for entry in shown},
        kinds=KINDS,
        names=STANDING_NAMES,
        asked=asked,
        address=partial(address_of, call, asked),
        start=start,
        number=len(queue.fitting),
        fitting_total=sum(entry.total for entry in queue.fitting),
        most=MOST_AT_ONCE,
        following=write_key(queue.keys[start + PER_PAGE - 1]) if more else None,
        figures=_figures(everybody.filings, everybody.waiting, unattended, everybody.judged),
        tally=everybody,
        by_person=_by_person(queue.entries, people),
        options=_options(calls, call, asked, ministries, people, rules),
        bulk_people=Options((str(user_id), name) for user_id, name in people.items()).html(
            typed.get("assignee") or str(current_actor().id)
        ),
        bulk_rules=Options(deciding).html(typed.get("override-rule") or asked.wanted.rule),
        bulk_outcomes=Options(OUTCOME_NAMES.items()).html(typed.get("override-outcome")),
        typed=typed,
        problems=problems,
        overlaps={entry.proposal_id: entry.overlaps for entry in shown},
        case_base=url_for("secretariat.screening") + "/",
        case_tail=f"?{urlencode(asked.query)}" if asked.query else "",
        preview=with_query(url_for("secretariat.preview_bulk"), call, asked),
        export={
            name: with_query(url_for(f"secretariat.screening_{name}"), call, asked)
            for name in ("book", "list", "findings")
        },
    )


def address_of(call: CallView, asked: Asked, **changes: str | None) -> str:
    """The queue's address with some of its filters changed; None lets one go."""
    query = {**asked.query, **changes}
    return _with(url_for("secretariat.screening"), call, query)


def with_query(address: str, call: CallView, asked: Asked) -> str:
    """An address with the call and the filters behind it."""
    return _with(address, call, asked.query)


def _with(address: str, call: CallView, query: Mapping[str, str | None]) -> str:
    kept = {key: value for key, value in query.items() if value}
    return f"{address}?{urlencode({'call': call.fiscal_year, **kept})}"


def _figures(filings: int, waiting: int, unattended: int, judged: int) -> list[tuple[str, str, str]]:
    return [
        (t("ข้อเสนอที่ยื่น", "Filings"), count(filings), ""),
        (t("ต้องมีเจ้าหน้าที่พิจารณา", "Need a person"), count(waiting), ""),
        (t("ในจำนวนนี้ยังไม่มีผู้รับผิดชอบ", "Of those, nobody looks after"), count(unattended), ""),
        (t("เจ้าหน้าที่วินิจฉัยแล้ว", "Judged by a person"), count(judged), ""),
    ]


def _by_person(entries: Sequence[QueueEntry], people: Mapping[int, Text]) -> list[tuple[str, Text, object]]:
    """(value of the filter, name, tally) of whoever looks after something, nobody last."""
    tallies = tallies_by_assignee(entries)
    gone = Text("ผู้ที่ออกจากฝ่ายเลขานุการแล้ว", "Somebody no longer of the secretariat")
    ids = [i for i in people if i in tallies] + [i for i in tallies if i is not None and i not in people]
    rows: list[tuple[str, Text, object]] = [(str(i), people.get(i, gone), tallies[i]) for i in ids]
    if None in tallies:
        rows.append((NOBODY, Text("ยังไม่มีผู้รับผิดชอบ", "Nobody"), tallies[None]))
    return rows


def _options(
    calls: Sequence[CallView],
    call: CallView,
    asked: Asked,
    ministries: Mapping[str, Text],
    people: Mapping[int, Text],
    rules: Sequence[tuple[str, Text]],
) -> dict[str, str]:
    offered: dict[str, list[tuple[str, Text]]] = {
        "standing": [(s.value, name) for s, name in STANDING_NAMES.items()],
        "rule": list(rules),
        "outcome": [(o.value, name) for o, name in OUTCOME_NAMES.items()],
        "assignee": [
            (MINE, Text("ของฉัน", "Mine")),
            (NOBODY, Text("ยังไม่มีผู้รับผิดชอบ", "Nobody")),
            *((str(user_id), name) for user_id, name in people.items()),
        ],
        "stage": [(c.code, c.name) for c in call.plan.stages],
        "ministry": list(ministries.items()),
        "judged": list(YES_NO.items()),
        "overlaps": list(YES_NO.items()),
    }
    html: dict[str, str] = {
        key: Options(pairs).html(asked.query.get(key, "")) for key, pairs in offered.items()
    }
    years = ((str(c.fiscal_year), _YEAR.fill(year=c.fiscal_year)) for c in calls)
    html["call"] = Options(years).html(str(call.fiscal_year))
    html["sort"] = Options((o.value, name) for o, name in ORDER_NAMES.items()).html(asked.order.value)
    return html
