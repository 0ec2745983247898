"""Every fault of a call file is reported, all at once, with the place it stands at."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from app.calls.rules import read_call, read_plan, read_rubric, read_rulebook
from app.cli.call_files import DATA, read_toml
from app.kernel.errors import Refused

Document = dict[str, Any]


def _places(read: Callable[[Document], object], document: Document) -> set[str]:
    with pytest.raises(Refused) as refused:
        read(document)
    assert all(p.text.th and p.text.en for p in refused.value.problems)
    return {p.place for p in refused.value.problems}


def _with(name: str, change: Callable[[Document], object]) -> Document:
    document = copy.deepcopy(read_toml(DATA / name))
    change(document)
    return document


PLAN_FAULTS = {
    "no code": (lambda d: d.pop("code"), "code"),
    "version is text": (lambda d: d.update(version="1"), "version"),
    "title lacks English": (lambda d: d["title"].pop("en"), "title"),
    "no stages": (lambda d: d.update(stages=[]), "stages"),
    "stages are not tables": (lambda d: d.update(stages=["upstream"]), "stages"),
    "goal of an unknown stage": (lambda d: d["goals"][1].update(stage="sea"), "goals[2].stage"),
    "guideline of an unknown goal": (lambda d: d["guidelines"][0].update(goal="9"), "guidelines[1].goal"),
    "guideline without strategies": (
        lambda d: d["guidelines"][0].pop("strategies"),
        "guidelines[1].strategies",
    ),
    "unknown strategy": (lambda d: d["guidelines"][3].update(strategies=["7"]), "guidelines[4].strategies"),
    "focus area of an unknown strategy": (
        lambda d: d["focus_areas"][4].update(strategy="5"),
        "focus_areas[5].strategy",
    ),
    "code twice": (lambda d: d["categories"][1].update(code="personnel"), "categories"),
    "blank name": (lambda d: d["platforms"][0].update(name={"th": " ", "en": "x"}), "platforms[1].name"),
    "help in one language": (
        lambda d: d["attachment_kinds"][1]["help"].pop("en"),
        "attachment_kinds[2].help",
    ),
}


@pytest.mark.parametrize(("change", "place"), PLAN_FAULTS.values(), ids=PLAN_FAULTS)
def test_plan_fault_is_named(change: Callable[[Document], object], place: str) -> None:
    assert place in _places(read_plan, _with("plan-2567.toml", change))


def test_a_plan_of_before_says_nothing_of_what_its_lists_are_for() -> None:
    def older(document: Document) -> None:
        for kind in document["attachment_kinds"]:
            del kind["help"]

    kinds = read_plan(_with("plan-2567.toml", older)).attachment_kinds
    assert {kind.help.th + kind.help.en for kind in kinds} == {""}


def test_plan_faults_come_all_at_once() -> None:
    def spoil(document: Document) -> None:
        for fault in ("no code", "goal of an unknown stage", "blank name"):
            PLAN_FAULTS[fault][0](document)

    assert _places(read_plan, _with("plan-2567.toml", spoil)) == {
        "code",
        "goals[2].stage",
        "platforms[1].name",
    }


RUBRIC_FAULTS = {
    "weights sum to 99": (lambda d: d["criteria"][0].update(weight=24), "criteria.weight"),
    "weight of zero": (lambda d: d["criteria"][0].update(weight=0), "criteria[1].weight"),
    "weight is a truth value": (lambda d: d["criteria"][0].update(weight=True), "criteria[1].weight"),
    "four anchors": (lambda d: d["criteria"][2]["anchors"].pop(), "criteria[3].anchors"),
    "anchor without Thai": (
        lambda d: d["criteria"][0]["anchors"][3].pop("th"),
        "criteria[1].anchors[3].anchor",
    ),
    "criterion twice": (lambda d: d["criteria"][1].update(code="integration"), "criteria"),
    "no criteria": (lambda d: d.update(criteria=[]), "criteria"),
    "comment at level 5": (lambda d: d.update(comment_levels=[0, 5]), "comment_levels"),
    "no question": (lambda d: d["criteria"][5].pop("question"), "criteria[6].question"),
}


@pytest.mark.parametrize(("change", "place"), RUBRIC_FAULTS.values(), ids=RUBRIC_FAULTS)
def test_rubric_fault_is_named(change: Callable[[Document], object], place: str) -> None:
    assert place in _places(read_rubric, _with("rubric-2567.toml", change))


RULEBOOK_FAULTS = {
    "unknown severity": (lambda d: d["rules"][0].update(severity="kills"), "rules[1].severity"),
    "no reasons": (lambda d: d["rules"][0].pop("reasons"), "rules[1].reasons"),
    "reason without English": (
        lambda d: d["rules"][0]["reasons"]["draft"].pop("en"),
        "rules[1].reasons.draft.text",
    ),
    "parameters are a list": (lambda d: d["rules"][0].update(parameters=[1]), "rules[1].parameters"),
    "rule twice": (lambda d: d["rules"][1].update(code="window"), "rules"),
}


@pytest.mark.parametrize(("change", "place"), RULEBOOK_FAULTS.values(), ids=RULEBOOK_FAULTS)
def test_rulebook_fault_is_named(change: Callable[[Document], object], place: str) -> None:
    assert place in _places(read_rulebook, _with("rulebook-2567.toml", change))


CALL_FAULTS = {
    "closes before it opens": (lambda d: d.update(closes_at=datetime(2022, 11, 1)), "closes_at"),  # noqa: DTZ001
    "opens on a word": (lambda d: d.update(opens_at="tomorrow"), "opens_at"),
    "no ceiling": (lambda d: d.pop("ceiling_baht"), "ceiling_baht"),
    "negative ceiling": (lambda d: d.update(ceiling_baht="-1"), "ceiling_baht"),
    "year of our Lord": (lambda d: d.update(fiscal_year=2024), "fiscal_year"),
    "unknown origin": (lambda d: d.update(origin="invented"), "origin"),
    "no rubric": (lambda d: d.pop("rubric"), "rubric"),
    "plan without version": (lambda d: d["plan"].pop("version"), "plan.version"),
    "unknown limit": (lambda d: d.update(limits={"pages": 3}), "limits.pages"),
    "limit of zero": (lambda d: d.update(limits={"lines": 0}), "limits.lines"),
    "limits are a list": (lambda d: d.update(limits=["lines"]), "limits"),
    "cycles below none": (lambda d: d.update(limits={"revision_cycles": -1}), "limits.revision_cycles"),
    "cycles without end": (lambda d: d.update(limits={"revision_cycles": 21}), "limits.revision_cycles"),
    "no reviewers": (lambda d: d.update(reviewers_per_proposal=0), "reviewers_per_proposal"),
    "grace before the end": (lambda d: d.update(grace_minutes=-1), "grace_minutes"),
    "grace of more than a day": (lambda d: d.update(grace_minutes=1441), "grace_minutes"),
    "grace in words": (lambda d: d.update(grace_minutes="15"), "grace_minutes"),
    "grace that is true": (lambda d: d.update(grace_minutes=True), "grace_minutes"),
    "certified by a word": (lambda d: d.update(certified="yes"), "certified"),
    "certified by a number": (lambda d: d.update(certified=1), "certified"),
}


def test_what_a_call_file_may_leave_out_and_may_say() -> None:
    plain = read_call(_with("call-2567.toml", lambda d: None))
    assert (plain.grace_minutes, plain.is_certified, plain.limits.revision_cycles) == (0, False, 2)
    said = read_call(
        _with(
            "call-2567.toml",
            lambda d: d.update(grace_minutes=1440, certified=True, limits={"revision_cycles": 0}),
        )
    )
    assert (said.grace_minutes, said.is_certified, said.limits.revision_cycles) == (1440, True, 0)


@pytest.mark.parametrize(("change", "place"), CALL_FAULTS.values(), ids=CALL_FAULTS)
def test_call_fault_is_named(change: Callable[[Document], object], place: str) -> None:
    assert place in _places(read_call, _with("call-2567.toml", change))
