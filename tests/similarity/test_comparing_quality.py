"""The labelled set holds what it promises, and the comparison reaches its goals on it, on the road of live use."""

from __future__ import annotations

from collections import Counter

import pytest

from app.cli.bench.overlap_labelled import KINDS, LabelledSet
from app.cli.bench.overlap_quality import Judged, judge_all, made_up_filings, quality_figures
from app.similarity.rules import WORKING_THRESHOLD


@pytest.fixture(scope="module")
def labelled() -> LabelledSet:
    return LabelledSet()


@pytest.fixture(scope="module", params=["alone", "among made-up filings"])
def pairs(request: pytest.FixtureRequest, labelled: LabelledSet) -> list[Judged]:
    return judge_all(labelled, made_up_filings() if request.param != "alone" else ())


def test_every_kind_is_planted_often_enough_in_both_halves(labelled: LabelledSet) -> None:
    planted = Counter((p.planted, p.half) for p in labelled.planted)
    for kind in KINDS:
        assert planted[kind, 0] >= 8
        assert planted[kind, 1] >= 8
        assert planted[kind, 0] + planted[kind, 1] >= 16


def test_a_copy_is_filed_by_another_agency_than_its_base(labelled: LabelledSet) -> None:
    of_key = {p.key: p for p in labelled.proposals}
    assert all(p.facts.lead != of_key[p.base].facts.lead for p in labelled.planted)


def test_no_reworded_text_is_a_copy(labelled: LabelledSet) -> None:
    of_key = {p.key: p for p in labelled.proposals}
    for p in labelled.planted:
        if p.planted == "paraphrased":
            assert p.facts.title != of_key[p.base].facts.title
            assert not any(
                len(s) > 20 and s in of_key[p.base].facts.rationale for s in p.facts.rationale.split()
            )


def test_there_are_honest_negatives(labelled: LabelledSet) -> None:
    groups = Counter(p.group for p in labelled.corpus)
    pairs = sum(n * (n - 1) // 2 for group, n in groups.items() if group not in ("published", "project"))
    assert pairs >= 100
    assert groups["published"] == 34
    assert labelled.answer(labelled.corpus[0], labelled.corpus[1]) == "different"


def test_the_goals_are_reached(pairs: list[Judged]) -> None:
    told = [p for p in pairs if p.proposed and p.score >= WORKING_THRESHOLD]
    found = Counter(p.kind for p in told if p.same)
    planted = Counter(p.kind for p in pairs if p.same)
    assert sum(p.same for p in told) >= 0.80 * len(told)
    for kind, least in (("copied", 0.95), ("reordered", 0.95), ("paraphrased", 0.80)):
        assert found[kind] >= least * planted[kind], kind


def test_everything_is_printed() -> None:
    said: list[str] = []
    figures = quality_figures(said.append)
    text = "\n".join(said)
    for word in (*KINDS, "held out", "threshold", "missed", "false alarms"):
        assert word in text
    assert all(f.holds for f in figures)
