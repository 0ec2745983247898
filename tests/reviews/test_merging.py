"""Two saves of one review brought together: by hand, as a property of any three sheets, and by the action itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.kernel.db import db
from app.kernel.errors import Refused, Stale
from app.kernel.work import open_work
from app.reviews.actions import Saved, SavedElsewhere, save_review, submit_review
from app.reviews.facts import Score
from app.reviews.merging import EMPTY, Sheet, fields_of, known_to, merge_review, resolve, sheet_of
from app.reviews.models import ReviewRevision
from app.reviews.queries import get_assignment
from tests.world import NOW, World, file_proposal, give

CODES = ("integration", "economy")
SHEETS = st.builds(
    Sheet,
    st.dictionaries(
        st.sampled_from(CODES),
        st.builds(Score, st.none() | st.integers(0, 4), st.sampled_from(["", "ก", "ข", "เหตุผล"])),
    ),
    st.sampled_from(["", "จด", "จดใหม่"]),
    st.sampled_from(["", "เพราะ"]),
)
MODEST = settings(max_examples=200, deadline=None)


def at(sheet: Sheet, place: str) -> object:
    return fields_of(sheet).get(place, None if place.startswith("score-") else "")


PLACES = [f"{kind}-{code}" for code in CODES for kind in ("score", "comment")] + ["notes", "reason"]


@MODEST
@given(SHEETS, SHEETS, SHEETS)
def test_every_field_is_one_sides_or_a_clash(base: Sheet, mine: Sheet, theirs: Sheet) -> None:
    merged = merge_review(base, mine, theirs)
    clashed = {clash.place: clash for clash in merged.clashes}
    for place in PLACES:
        a, b, c = at(base, place), at(mine, place), at(theirs, place)
        if b == c:
            assert at(merged.sheet, place) == b
            assert place not in clashed
        elif b == a:  # only they changed it
            assert at(merged.sheet, place) == c
            assert place in merged.taken
        elif c == a:  # only I did
            assert at(merged.sheet, place) == b
            assert place not in merged.taken
        else:  # both, differently: nobody is written over, and both are there to choose from
            assert (clashed[place].mine, clashed[place].theirs) == (b, c)
            assert place not in merged.taken


@MODEST
@given(SHEETS, SHEETS, SHEETS)
def test_who_is_asked_does_not_depend_on_who_came_second(base: Sheet, mine: Sheet, theirs: Sheet) -> None:
    one, other = merge_review(base, mine, theirs), merge_review(base, theirs, mine)
    assert {c.place for c in one.clashes} == {c.place for c in other.clashes}
    for side, opposite in (("mine", "theirs"), ("theirs", "mine")):
        chosen = resolve(one, {c.place: side for c in one.clashes})
        turned = resolve(other, {c.place: opposite for c in other.clashes})
        assert [at(chosen, p) for p in PLACES] == [at(turned, p) for p in PLACES]


@MODEST
@given(SHEETS, SHEETS)
def test_saving_alone_is_never_a_clash(base: Sheet, mine: Sheet) -> None:
    merged = merge_review(base, mine, base)
    assert (merged.taken, merged.clashes) == ((), ())
    assert [at(merged.sheet, p) for p in PLACES] == [at(mine, p) for p in PLACES]


@MODEST
@given(SHEETS, st.lists(SHEETS, max_size=4), SHEETS)
def test_a_page_never_meets_its_own_lost_saves(opened: Sheet, sent: list[Sheet], mine: Sheet) -> None:
    """The page saved several times, heard nothing, and sends what it holds now with the version it was opened with."""
    since = [("", opened), *(("this page", sheet) for sheet in sent)]
    theirs = since[-1][1]
    merged = merge_review(known_to("this page", since), mine, theirs)
    assert (merged.taken, merged.clashes) == ((), ())
    assert [at(merged.sheet, p) for p in PLACES] == [at(mine, p) for p in PLACES]


def test_another_page_between_the_lost_saves_is_not_written_over() -> None:
    opened = Sheet({"economy": Score(1, "")}, "")
    first = Sheet({"economy": Score(2, "")}, "")  # mine, the answer lost
    second = Sheet({"economy": Score(2, "")}, "จากอีกหน้า")  # the other page's notes
    base = known_to("me", [("", opened), ("me", first), ("other", second)])
    merged = merge_review(base, Sheet({"economy": Score(3, "")}, ""), second)
    assert (at(merged.sheet, "score-economy"), at(merged.sheet, "notes")) == (3, "จากอีกหน้า")
    assert (merged.taken, merged.clashes) == (("notes",), ())


def test_sheets_and_fields_are_two_sides_of_one() -> None:
    sheet = Sheet({"economy": Score(0, "ก"), "integration": Score(None, "")}, "จด")
    assert sheet_of(fields_of(sheet)) == sheet
    assert sheet_of(fields_of(EMPTY)) == EMPTY


@pytest.mark.parametrize("choices", [{}, {"score-economy": "both"}, {"score-economy": ""}])
def test_nothing_is_chosen_for_the_person(choices: dict[str, str]) -> None:
    merged = merge_review(EMPTY, Sheet({"economy": Score(1, "")}), Sheet({"economy": Score(2, "")}))
    with pytest.raises(ValueError, match="score-economy"):
        resolve(merged, choices)


# --- the action: both databases


def one(code: str, level: int | None, comment: str = "") -> dict[str, Score]:
    return {code: Score(level, comment)}


@pytest.fixture
def assignment(app: Flask, world: World) -> int:
    return give(world, file_proposal(world), "reviewer_bb")[0]


@pytest.fixture
def save(world: World, assignment: int) -> Callable[..., Saved]:
    def save(scores: dict[str, Score], version: int, **more: str) -> Saved:
        with open_work(world.actor("reviewer_bb"), NOW) as work:
            return save_review(work, assignment, scores, version, **more)

    return save


def causes(assignment: int) -> list[tuple[int, str]]:
    rows = db.session.execute(
        select(ReviewRevision.version, ReviewRevision.cause)
        .where(ReviewRevision.assignment_id == assignment)
        .order_by(ReviewRevision.version)
    )
    return [(r.version, r.cause) for r in rows]


def test_two_pages_in_different_fields_are_both_kept(
    world: World, assignment: int, save: Callable[..., Saved]
) -> None:
    assert save(one("economy", 3, "จากหน้าแรก"), 1, cause="autosaved", page="a").version == 2
    second = save(one("integration", 2), 1, notes="จดไว้", cause="autosaved", page="b")
    assert second.version == 3
    assert set(second.taken) == {"score-economy", "comment-economy"}
    assert causes(assignment) == [(2, "autosaved"), (3, "merged")]
    view = get_assignment(db.session(), world.actor("reviewer_bb"), assignment)
    assert view.scores == one("economy", 3, "จากหน้าแรก") | one("integration", 2)
    assert view.notes == "จดไว้"


def test_two_pages_in_one_field_are_put_to_the_person(
    world: World, assignment: int, save: Callable[..., Saved]
) -> None:
    save(one("economy", 3), 1)
    with pytest.raises(SavedElsewhere) as clash:
        save(one("economy", 1), 1)
    assert clash.value.version == 2
    (found,) = clash.value.merged.clashes
    assert (found.place, found.mine, found.theirs) == ("score-economy", 1, 3)
    assert causes(assignment) == [(2, "saved")]
    assert save(one("economy", 1), 2).version == 3


def test_an_answer_that_was_lost_is_not_another_page(assignment: int, save: Callable[..., Saved]) -> None:
    save(one("economy", 3), 1, cause="autosaved", page="a")
    again = save(one("economy", 4), 1, cause="autosaved", page="a")
    assert (again.version, again.taken) == (3, ())
    same = save(one("economy", 4), 1, cause="autosaved", page="a")
    assert same.version == 3  # nothing new: nothing written
    assert causes(assignment) == [(2, "autosaved"), (3, "autosaved")]


@pytest.mark.parametrize("version", [0, 3, 99])
def test_a_version_that_never_was_saves_nothing(
    assignment: int, save: Callable[..., Saved], version: int
) -> None:
    save(one("economy", 3), 1)
    with pytest.raises(Stale):
        save(one("integration", 3), version)
    assert causes(assignment) == [(2, "saved")]


def test_nothing_is_handed_in_that_the_page_did_not_show(
    world: World, assignment: int, save: Callable[..., Saved]
) -> None:
    rubric = get_assignment(db.session(), world.actor("reviewer_bb"), assignment).rubric
    full = {c.code: Score(2, "") for c in rubric.criteria}
    save(full, 1)
    save(full, 2, notes="จดไว้ในอีกหน้าหนึ่ง")
    for version in (2, 1):
        with pytest.raises(SavedElsewhere), open_work(world.actor("reviewer_bb"), NOW) as work:
            submit_review(work, assignment, full, version, notes="")
    with open_work(world.actor("reviewer_bb"), NOW) as work:
        submit_review(work, assignment, full, 3)
    with pytest.raises(Refused), open_work(world.actor("reviewer_bb"), NOW) as work:
        save_review(work, assignment, one("economy", 0), 1)
