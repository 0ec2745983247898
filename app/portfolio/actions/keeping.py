"""Scenarios are made, named, given terms, and dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from app.calls.facts import Origin
from app.calls.queries import get_call, get_call_by_id
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.portfolio.actions.opening import open_for_change, open_scenario, touch
from app.portfolio.facts import Basis, Terms
from app.portfolio.models import Scenario, ScenarioAdjustment
from app.portfolio.queries.lists import NOT_CALIBRATED, calibrated_scores, list_entries, terms_of
from app.portfolio.queries.scenarios import known_of
from app.portfolio.scenarios import LONGEST_NAME, LONGEST_WORDS, find_problems

NOT_SAVED = Text("ยังบันทึกฉากทัศน์ไม่ได้", "The scenario was not saved")
NO_NAME = Text("กรุณาตั้งชื่อฉากทัศน์", "Name the scenario")
NAME_TOO_LONG = Text("ชื่อยาวได้ไม่เกิน {longest} ตัวอักษร", "A name has at most {longest} characters")
NAME_TAKEN = Text("มีฉากทัศน์ชื่อนี้ในรอบนี้แล้ว", "There is a scenario of this name in the call already")
NOTE_TOO_LONG = Text("หมายเหตุยาวได้ไม่เกิน {longest} ตัวอักษร", "A note has at most {longest} characters")
NO_LIST = Text(
    "รอบนี้บันทึกจากเอกสารงบประมาณ จึงไม่มีบัญชีให้จัดสรร",
    "This call was recorded from documents: there is no list to allocate",
)
NOT_DROPPED = Text(
    "ลบไม่ได้ เพราะฉากทัศน์นี้เคยเสนอเป็นบัญชี", "It was adopted once, so it stays on record and is not dropped"
)


def create_scenario(
    work: Work[Actor], fiscal_year: int, name: str, note: str = "", copy_of: int | None = None
) -> Scenario:
    """A new scenario of a call: the ceiling alone, or the terms and the changes by hand of another one of the call.

    Changes copied are their copier's: who made them first stands in the original. Raises `Forbidden`, `Refused` with
    every problem, `NotFound` for an unknown call or original.
    """
    require(work.actor, Permission.MANAGE_SCENARIO)
    call = get_call(work.session, fiscal_year)
    if call.origin is Origin.IMPORTED:
        raise Refused(NO_LIST)
    _check_words(work, call.id, name, note)
    terms = Terms(call.ceiling)
    changes: Sequence[ScenarioAdjustment] = ()
    if copy_of is not None:
        original = work.session.get(Scenario, copy_of)
        if original is None or original.call_id != call.id or original.dropped_at is not None:
            raise NotFound()
        terms = terms_of(work.session, original)
        changes = work.session.scalars(
            select(ScenarioAdjustment).where(
                ScenarioAdjustment.scenario_id == copy_of, ScenarioAdjustment.ended_at.is_(None)
            )
        ).all()
    scenario = Scenario(
        call_id=call.id,
        name=name.strip(),
        note=note.strip(),
        content=_content(terms),
        copied_from_id=copy_of,
        created_at=work.now,
        created_by=work.actor.id,
        updated_at=work.now,
    )
    work.session.add(scenario)
    work.session.flush()
    work.session.add_all(
        ScenarioAdjustment(
            scenario_id=scenario.id,
            proposal_id=change.proposal_id,
            kind=change.kind,
            amount=change.amount,
            reason=change.reason,
            at=work.now,
            by=work.actor.id,
            slot=f"{scenario.id}:{change.proposal_id}",
        )
        for change in changes
    )
    work.session.flush()
    work.audit(
        "create_scenario",
        f"scenario:{scenario.id}",
        after=sha256_text(canonical_json(terms.to_json())),
        detail={"call": call.id, "name": scenario.name, "copy_of": copy_of},
    )
    return scenario


def _content(terms: Terms) -> str:
    return canonical_json(replace(terms, adjustments={}).to_json())


def _check_words(work: Work[Actor], call_id: int, name: str, note: str, but: int = 0) -> None:
    name = name.strip()
    found = []
    if not name:
        found.append(Problem("name", NO_NAME))
    elif len(name) > LONGEST_NAME:
        found.append(Problem("name", NAME_TOO_LONG.fill(longest=LONGEST_NAME)))
    elif work.session.scalar(
        select(Scenario.id).where(
            Scenario.call_id == call_id,
            Scenario.name == name,
            Scenario.dropped_at.is_(None),
            Scenario.id != but,
        )
    ):
        found.append(Problem("name", NAME_TAKEN))
    if len(note.strip()) > LONGEST_WORDS:
        found.append(Problem("note", NOTE_TOO_LONG.fill(longest=LONGEST_WORDS)))
    if found:
        raise Refused(NOT_SAVED, found)


def rename_scenario(work: Work[Actor], scenario_id: int, version: int, name: str, note: str) -> Scenario:
    """Another name and note. Raises `Forbidden`, `NotFound`, `Stale`, `Refused`."""
    scenario = open_for_change(work, scenario_id, version)
    _check_words(work, scenario.call_id, name, note, scenario.id)
    before = scenario.name
    scenario.name, scenario.note = name.strip(), note.strip()
    touch(work, scenario)
    work.audit(
        "rename_scenario", f"scenario:{scenario.id}", detail={"before": before, "after": scenario.name}
    )
    return scenario


def change_terms(work: Work[Actor], scenario_id: int, version: int, terms: Terms) -> Scenario:
    """Other terms; the changes by hand stay as they are, whatever `terms` carries of them. Weights that are the rubric's
    own are kept as none. Raises `Forbidden`, `NotFound`, `Stale`, `Refused` with every problem."""
    scenario = open_for_change(work, scenario_id, version)
    call = get_call_by_id(work.session, scenario.call_id)
    old = terms_of(work.session, scenario)
    known = known_of(call, list_entries(work.session, call.id))
    terms = replace(terms, adjustments=old.adjustments)
    if dict(terms.weights) == dict(known.weights):
        terms = replace(terms, weights={})
    found = find_problems(terms, known)
    if terms.basis is Basis.CALIBRATED and not any(p.place == "basis" for p in found):
        scores = calibrated_scores(work.session, call.id)
        if any(e.panel.count and e.proposal_id not in scores for e in known.entries):
            found.append(Problem("basis", NOT_CALIBRATED))
    if found:
        raise Refused(NOT_SAVED, found)
    before, after = (sha256_text(canonical_json(one.to_json())) for one in (old, terms))
    scenario.content = _content(terms)
    touch(work, scenario)
    work.audit("change_scenario", f"scenario:{scenario.id}", before=before, after=after)
    return scenario


def drop_scenario(work: Work[Actor], scenario_id: int, version: int) -> None:
    """Take a scenario off the list for good; its rows stay. Raises `Forbidden`, `NotFound`, `Stale`, and `Refused` for one
    that was adopted."""
    scenario = open_scenario(work, scenario_id, version)
    if scenario.adopted_at is not None:
        raise Refused(NOT_DROPPED)
    scenario.dropped_at = work.now
    touch(work, scenario)
    work.audit("drop_scenario", f"scenario:{scenario.id}", detail={"name": scenario.name})
