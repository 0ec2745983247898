"""What-ifs of a call: asked of the solver in a process of its own, and kept while nothing they rest on changed."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from threading import Lock

from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.errors import Refused
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.portfolio.allocation import allocate
from app.portfolio.facts import Allocation, Entry, Terms
from app.portfolio.optimum.apart import NoAnswer, answer_apart
from app.portfolio.optimum.facts import NEAR, PRECISION, Aim, Optimum, Question, ceilings_around
from app.portfolio.queries.lists import CallEntries
from app.portfolio.queries.scenarios import ScenarioView, list_scenarios

SECONDS, SECONDS_FULL, SECONDS_EACH = 5, 20, 2
EXACT_UP_TO = 300  # so many projects are searched to the end at once; with more, only when asked to
_MOST_KEPT = 16
_kept: dict[str, tuple[Optimum, ...]] = {}
_one_at_a_time = Lock()

NO_ANSWER = Text(
    "ตัวหาคำตอบไม่ตอบภายในเวลา กรุณาลองใหม่อีกครั้ง", "The solver did not answer in time; please try again"
)


@dataclass(frozen=True, slots=True)
class OptimumView:
    """A call's list under one scenario's terms and the what-if beside it. `steps` are the eleven ceilings, with the list
    at each; empty unless asked for. `refusal` says why there is no what-if, and then `optimum` is None."""

    scenarios: tuple[ScenarioView, ...]
    chosen: ScenarioView | None
    allocation: Allocation | None
    optimum: Optimum | None
    steps: tuple[tuple[Allocation, Optimum], ...]
    refusal: Text | None


def read_optimum(
    session: Session,
    actor: Actor,
    call: CallView,
    *,
    scenario_id: int | None,
    aim: Aim,
    is_full: bool,
    with_ceilings: bool,
) -> OptimumView:
    """The what-if of a call. `scenario_id` None stands for the adopted one, 0 for the ceiling alone. Three queries, up
    to three more for weights and calibrated scores. Raises `Forbidden` without READ_PORTFOLIO."""
    require(actor, Permission.READ_PORTFOLIO)
    scenarios = tuple(list_scenarios(session, actor, call))
    chosen = next(
        (v for v in scenarios if (v.is_adopted if scenario_id is None else v.id == scenario_id)), None
    )
    terms = chosen.terms if chosen else Terms(call.ceiling)
    try:
        entries = CallEntries(session, call).under(terms)
    except Refused as refusal:
        return OptimumView(scenarios, chosen, None, None, (), refusal.text)
    scored = tuple(e for e in entries if e.panel.count)
    allocation = allocate(entries, terms)
    if not scored:
        return OptimumView(scenarios, chosen, allocation, None, (), None)
    is_small = len(scored) <= EXACT_UP_TO
    try:
        (optimum,) = _ask(
            Question(
                scored,
                terms,
                aim,
                (terms.ceiling,),
                SECONDS_FULL if is_full else SECONDS,
                PRECISION if is_full or is_small else NEAR,
            )
        )
        parts = PRECISION if is_small else NEAR
        steps = _steps(entries, scored, terms, aim, parts) if with_ceilings else ()
    except NoAnswer:
        return OptimumView(scenarios, chosen, allocation, None, (), NO_ANSWER)
    return OptimumView(scenarios, chosen, allocation, optimum, steps, None)


def _steps(
    entries: Sequence[Entry], scored: tuple[Entry, ...], terms: Terms, aim: Aim, parts: int
) -> tuple[tuple[Allocation, Optimum], ...]:
    found = _ask(Question(scored, terms, aim, ceilings_around(terms.ceiling), SECONDS_EACH, parts))
    return tuple((allocate(entries, optimum.terms), optimum) for optimum in found)


def _ask(question: Question) -> tuple[Optimum, ...]:
    """The answer, kept or asked for. One solver at a time in a worker: whoever comes second waits, and often finds the
    answer kept. What was cut short by time is not kept."""
    key = sha256(repr(question).encode()).hexdigest()
    with _one_at_a_time:
        found = _kept.get(key)
        if found is None:
            found = answer_apart(question)
            if all(o.is_proven if question.parts == PRECISION else o.is_near for o in found):
                while len(_kept) >= _MOST_KEPT:
                    _kept.pop(next(iter(_kept)))
                _kept[key] = found
        return found
