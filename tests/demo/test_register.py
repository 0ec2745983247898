"""The register, the subjects and the real lines fit together."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from decimal import Decimal

from app.calls.rules import read_plan, read_rubric
from app.cli.call_files import DATA, read_toml
from app.cli.demo.loader import LINES_2565
from app.cli.demo.people import PEOPLE, list_people
from app.cli.demo.subjects import holdings, read_subjects, verdicts, wording
from app.cli.demo.writing import STRATEGY_OF_FOCUS
from app.cli.register import read_register
from app.identity.facts import Role
from app.identity.rules import is_email

REGISTER = read_register()
ROWS = list(csv.DictReader(io.StringIO(LINES_2565.read_text(encoding="utf-8-sig"))))


def test_register_is_wide_enough_and_without_repeats() -> None:
    assert len(REGISTER.agencies) >= 66
    assert 18 <= len(REGISTER.ministries) <= 20
    for entries in (REGISTER.agencies, REGISTER.ministries):
        for values in ([e.code for e in entries], [e.name.th for e in entries], [e.name.en for e in entries]):
            assert [v for v, n in Counter(values).items() if n > 1] == []
        assert all(len(e.code) <= 20 and len(e.name.th) <= 200 and len(e.name.en) <= 200 for e in entries)
    assert {a.ministry for a in REGISTER.agencies} == {m.code for m in REGISTER.ministries}


def test_register_holds_the_four_bodies() -> None:
    assert {"bb", "nesdc", "opdc", "dga"} <= {a.code for a in REGISTER.agencies}


def test_real_lines_are_the_published_ones() -> None:
    assert len(ROWS) == 46
    assert len({(r["agency"], r["plan_project"]) for r in ROWS}) == 34
    assert len({r["agency"] for r in ROWS}) == 24
    assert len({r["ministry"] for r in ROWS}) == 12
    assert sum(Decimal(r["amount_baht"]) for r in ROWS) == Decimal("1136361900.00")


def test_every_real_agency_is_registered_under_its_ministry() -> None:
    ministries = {m.code: m.name.th for m in REGISTER.ministries}
    for row in ROWS:
        entry = REGISTER.agency_named(row["agency"])
        assert ministries[entry.ministry] == row["ministry"]
        assert not re.search("[ก-๙]", REGISTER.plan_projects[row["plan_project"]])


def test_unknown_names_get_codes_of_their_own() -> None:
    one, other = REGISTER.agency_named("กรมใหม่"), REGISTER.agency_named("กรมอื่น")
    assert one.code != other.code
    assert len(one.code) <= 20
    assert one.name.th == one.name.en == "กรมใหม่"


def test_subjects_are_of_registered_agencies_and_link_with_others() -> None:
    codes = {a.code for a in REGISTER.agencies}
    for subject in read_subjects():
        assert subject.agency in codes
        assert set(subject.partners) <= codes - {subject.agency}
        assert subject.kind in wording()["titles"]
        assert subject.focus == "" or subject.focus in STRATEGY_OF_FOCUS
    assert holdings().keys() == codes


def test_focus_areas_are_the_plans() -> None:
    plan = read_plan(read_toml(DATA / "plan-2567.toml"))
    assert {f.code: f.parent for f in plan.focus_areas} == STRATEGY_OF_FOCUS


def test_comments_are_long_enough_for_the_rubric() -> None:
    rubric = read_rubric(read_toml(DATA / "rubric-2567.toml"))
    comments = verdicts()["comments"]
    assert comments.keys() == {c.code for c in rubric.criteria}
    for tones in comments.values():
        assert all(len(c) >= rubric.comment_length for tone in ("low", "high") for c in tones[tone])


def test_demo_people_cover_every_desk() -> None:
    assert {p.role for p in PEOPLE} == set(Role)
    assert {p.agency for p in PEOPLE if p.role is Role.REVIEWER} == {"bb", "nesdc", "opdc", "dga"}
    everybody = list_people([a.code for a in REGISTER.agencies])
    emails = [p.email for p in everybody]
    assert len(set(emails)) == len(emails)
    assert all(is_email(e) and e.endswith("@demo.example") for e in emails)
    assert len([p for p in everybody if p.role is Role.REVIEWER]) == 12
