"""Who is told, which reminder is due, what a letter may say: tables written out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.identity.facts import Actor, Body, Membership, Role
from app.kernel.text import Text
from app.notices.facts import KINDS, MAIL_STATES, Event, Kind, Letterhead, MailState, Matter, News, Recipient
from app.notices.letters import one_line, write_letter
from app.notices.rules import (
    AUDIENCES,
    KIND_OF,
    STEPS,
    is_old_news,
    is_too_late,
    is_wanted,
    kinds_for,
    may_read,
    pick_audience,
    step_due,
)
from app.notices.wording import STEP_NAMES, WORDINGS, draft_count

LEAD, PARTNER, OTHER = 1, 2, 3
NOW = datetime(2025, 11, 20, 3, 0, tzinfo=UTC)
SITE = Letterhead("https://dgi.example", "office@dga.example")
SECRET = "ชื่อลับ"


def person(name: str, *memberships: Membership, language: str = "th", off: frozenset[Kind] = frozenset()):
    number = sum(map(ord, name))
    return Recipient(Actor(number, Text(f"คุณ{name}", name), memberships), f"{name}@a.go.th", language, off)


PEOPLE = {
    "lead officer": person("lead officer", Membership(Role.OFFICER, LEAD)),
    "lead certifier": person("lead certifier", Membership(Role.CERTIFIER, LEAD)),
    "partner officer": person("partner officer", Membership(Role.OFFICER, PARTNER)),
    "partner certifier": person("partner certifier", Membership(Role.CERTIFIER, PARTNER)),
    "other officer": person("other officer", Membership(Role.OFFICER, OTHER)),
    "other certifier": person("other certifier", Membership(Role.CERTIFIER, OTHER)),
    "reviewer": person("reviewer", Membership(Role.REVIEWER, LEAD, Body.BB)),
    "secretariat": person("secretariat", Membership(Role.SECRETARIAT, LEAD)),
    "committee": person("committee", Membership(Role.COMMITTEE)),
    "admin": person("admin", Membership(Role.ADMIN, LEAD)),
}
MATTER = Matter(
    7,
    "2570-0007",
    Text(SECRET, SECRET),
    Text("กรมอัลฟา", "Department Alpha"),
    LEAD,
    frozenset({LEAD, PARTNER}),
    is_draft=True,
)
# every word a letter may need
WORDS = {
    "agency": Text("กรมเบตา", "Department Beta"),
    "claimant": Text("กรมอัลฟา", "Department Alpha"),
    "answer": Text("ตอบรับ", "takes part"),
    "scope": Text("ข้อเสนอทั้งฉบับ", "the whole"),
    "receipt": "R2570-0007-1",
    "at": Text("20 พ.ย. 2568 10:00 น.", "20 Nov 2568 B.E., 10:00"),
    "cycle": "1",
    "whom": Text("ให้ทุกหน่วยงาน", "every agency"),
    "reason": "น้ำท่วม",
    "was": Text("30 พ.ย. 2568 24:00 น.", "30 Nov 2568 B.E., 24:00"),
    "step": STEP_NAMES[STEPS[0]],
    "count": draft_count(2),
    "number": "2570-0007",
    "what": "2570-0007",
    "body": Text("สำนักงบประมาณ", "the Bureau of the Budget"),
    "phase": Text("ให้คะแนน", "Scoring"),
    "todo": Text("กรุณาให้คะแนน", "Please score"),
    "report": Text("รายงานการใช้จ่าย", "Report of money"),
    "period": Text("ตุลาคม 2568", "October 2568 B.E."),
    "kind": Text("ขยายระยะเวลา", "Extension of time"),
    "outcome": Text("อนุมัติ", "Approved"),
    "change": Text("ตั้งค่าการยืนยันตัวตนสองขั้น", "a second factor was set up"),
}


def news(event: Event, named: int = OTHER, matter: Matter | None = MATTER) -> News:
    return News(
        event, Text("รอบทดสอบ", "Test call"), matter, frozenset({named}), NOW + timedelta(days=1), WORDS
    )


def news_for(event: Event, *names: str, but: str = "") -> News:
    """News for people named one by one, as reviewers are; `but` is who did it."""
    ids = frozenset(PEOPLE[name].actor.id or 0 for name in names)
    return replace(news(event), people=ids, but=PEOPLE[but].actor.id if but else None)


TOLD = {
    Event.INVITED: {"other officer", "other certifier"},
    Event.INVITATION_ANSWERED: {"lead officer"},
    Event.PART_CONFIRMED: {"lead officer"},
    Event.LINK_ASKED: {"other officer"},
    Event.LINK_ANSWERED: {"other officer"},
    Event.SIGNATURE_WANTED: {"other certifier"},
    Event.SIGNED: {"other officer", "lead officer"},
    Event.FILED: {"lead officer", "lead certifier", "partner officer", "partner certifier"},
    Event.WITHDRAWN: {"lead officer", "lead certifier", "partner officer", "partner certifier"},
    Event.RETURNED: {"lead officer", "lead certifier", "partner officer"},
    Event.REFILED: {"secretariat"},
    Event.RECALLED: {"lead officer", "lead certifier", "partner officer"},
    Event.QUESTION_ASKED: {"secretariat"},
    Event.EXTENDED: {"other officer", "other certifier"},
    Event.EXTENSION_ENDED: {"other officer", "other certifier"},
    Event.REVIEWERS_ASSIGNED: set(),  # nobody, unless named
    Event.ASSIGNMENT_WITHDRAWN: set(),
    Event.ASSIGNMENT_DECLINED: {"secretariat"},
    Event.REVIEWER_RECUSED: {"secretariat"},
    Event.ROUND_MOVED: set(),
    Event.REVIEW_REOPENED: set(),
    Event.DISCUSSION_NOTE: {"secretariat"},
    Event.ACCOUNT_CHANGED: set(),
    Event.REVIEWS_WANTED: set(),
    Event.DRAFTS_DUE: {"other officer"},
    Event.RETURN_DUE: {"lead officer"},
    Event.REVIEWS_DUE: set(),
    Event.REPORT_SENT: {"other certifier"},
    Event.REPORT_RETURNED: {"other officer", "other certifier"},
    Event.REPORT_ACCEPTED: {"other officer"},
    Event.REPORT_CORRECTED: {"secretariat"},
    Event.PLAN_CHANGE_ASKED: {"secretariat"},
    Event.PLAN_CHANGE_JUDGED: {"lead officer", "lead certifier", "partner officer"},
    Event.REPORTS_WANTED: {"other officer", "other certifier"},
    Event.REPORTS_DUE: {"other officer"},
    Event.REPORTS_LATE: {"other officer", "other certifier"},
}
TO_REVIEWERS = (
    Event.REVIEWERS_ASSIGNED,
    Event.ASSIGNMENT_WITHDRAWN,
    Event.ROUND_MOVED,
    Event.REVIEW_REOPENED,
    Event.DISCUSSION_NOTE,
    Event.REVIEWS_WANTED,
    Event.REVIEWS_DUE,
)


@pytest.mark.parametrize("event", Event)
def test_who_is_told(event: Event) -> None:
    told = pick_audience(news(event), PEOPLE.values())
    assert {name for name, p in PEOPLE.items() if p in told} == TOLD[event]
    assert len(told) == len(TOLD[event])


@pytest.mark.parametrize("event", TO_REVIEWERS)
def test_news_of_reviews_is_told_to_the_reviewers_it_names_and_to_nobody_else(event: Event) -> None:
    told = pick_audience(news_for(event, "reviewer", "other officer", "admin"), PEOPLE.values())
    assert told == [PEOPLE["reviewer"]]


@pytest.mark.parametrize("name", PEOPLE)
def test_news_of_an_account_is_its_owners_alone(name: str) -> None:
    told = pick_audience(news_for(Event.ACCOUNT_CHANGED, name), PEOPLE.values())
    assert told == [PEOPLE[name]]


@pytest.mark.parametrize(
    "event", [event for event in Event if event not in (*TO_REVIEWERS, Event.ACCOUNT_CHANGED)]
)
def test_other_news_cannot_reach_a_reviewer_by_name(event: Event) -> None:
    assert PEOPLE["reviewer"] not in pick_audience(news_for(event, "reviewer"), PEOPLE.values())


def test_who_did_it_is_not_told_of_it() -> None:
    own = news_for(Event.DISCUSSION_NOTE, "reviewer", but="reviewer")
    assert pick_audience(own, PEOPLE.values()) == []
    offices = replace(news(Event.DISCUSSION_NOTE), but=PEOPLE["secretariat"].actor.id)
    assert pick_audience(offices, PEOPLE.values()) == []


def test_somebody_of_two_agencies_is_told_once() -> None:
    both = person("both", Membership(Role.OFFICER, LEAD), Membership(Role.CERTIFIER, PARTNER))
    assert pick_audience(news(Event.FILED), [both]) == [both]


def test_without_a_proposal_only_the_agencies_named_are_told() -> None:
    told = pick_audience(news(Event.EXTENDED, LEAD, None), PEOPLE.values())
    assert [p for p in PEOPLE if PEOPLE[p] in told] == ["lead officer", "lead certifier"]


KINDS_OF_ROLES = {
    (Role.OFFICER,): [
        Kind.TAKING_PART,
        Kind.LINKS,
        Kind.SIGNING,
        Kind.FILING,
        Kind.REVISION,
        Kind.DEADLINE,
        Kind.ACCOUNT,
        Kind.REPORTING,
    ],
    (Role.CERTIFIER,): [
        Kind.TAKING_PART,
        Kind.SIGNING,
        Kind.FILING,
        Kind.REVISION,
        Kind.DEADLINE,
        Kind.ACCOUNT,
        Kind.REPORTING,
    ],
    (Role.SECRETARIAT,): [Kind.REVISION, Kind.REVIEWING, Kind.DISCUSSION, Kind.ACCOUNT, Kind.REPORTING],
    (Role.REVIEWER,): [Kind.REVIEWING, Kind.DISCUSSION, Kind.DEADLINE, Kind.ACCOUNT],
    (Role.COMMITTEE, Role.ADMIN): [Kind.ACCOUNT],
    (Role.SECRETARIAT, Role.CERTIFIER): [
        Kind.TAKING_PART,
        Kind.SIGNING,
        Kind.FILING,
        Kind.REVISION,
        Kind.REVIEWING,
        Kind.DISCUSSION,
        Kind.DEADLINE,
        Kind.ACCOUNT,
        Kind.REPORTING,
    ],
}


@pytest.mark.parametrize(("roles", "kinds"), KINDS_OF_ROLES.items())
def test_kinds_a_role_may_choose_from(roles: tuple[Role, ...], kinds: list[Kind]) -> None:
    assert kinds_for(roles) == kinds


def test_everything_has_words_and_a_kind() -> None:
    assert set(KINDS) == set(Kind)
    assert set(MAIL_STATES) == set(MailState)
    assert set(AUDIENCES) == set(KIND_OF) == set(WORDINGS) == set(Event)
    assert set(STEP_NAMES) == set(STEPS)


OFFICIAL = {Kind.FILING, Kind.REVISION, Kind.REVIEWING, Kind.ACCOUNT}


@pytest.mark.parametrize("kind", Kind)
def test_official_letters_come_whatever_was_switched_off(kind: Kind) -> None:
    nothing = person("nothing", off=frozenset(Kind))
    assert is_wanted(nothing, kind) is (kind in OFFICIAL)
    assert is_wanted(person("all"), kind)


D, H, M, S = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
CLOSES = NOW


@pytest.mark.parametrize(
    ("left", "step"),
    [
        (3 * D + S, None),
        (3 * D, 3 * D),
        (2 * D, 3 * D),  # the runner was down: still the newest step reached
        (D + S, 3 * D),
        (D, D),
        (2 * H, D),
        (H + S, D),
        (H, H),
        (S, H),
        (0 * S, None),
        (-S, None),
    ],
)
def test_which_reminder_is_due(left: timedelta, step: timedelta | None) -> None:
    assert step_due(CLOSES, CLOSES - 30 * D, CLOSES - left) == step


@pytest.mark.parametrize(
    ("begun", "left", "step"),
    [
        (3 * D, 3 * D, 3 * D),
        (3 * D - S, 2 * D, None),  # begun after that step: its officer knows
        (3 * D - S, D, D),
        (D - S, 2 * H, None),
        (D - S, H, H),
        (H - S, M, None),
    ],
)
def test_what_was_begun_after_a_step_is_not_reminded_of_it(
    begun: timedelta, left: timedelta, step: timedelta | None
) -> None:
    assert step_due(CLOSES, CLOSES - begun, CLOSES - left) == step


@pytest.mark.parametrize(
    ("name", "is_draft", "may"),
    [
        ("lead officer", True, True),
        ("partner certifier", True, True),
        ("other officer", True, False),
        ("other officer", False, False),
        ("secretariat", True, False),
        ("secretariat", False, True),
        ("reviewer", False, False),
        ("admin", False, False),
    ],
)
def test_who_may_read_the_title(name: str, is_draft: bool, may: bool) -> None:
    matter = Matter(7, "n", MATTER.title, MATTER.lead, LEAD, MATTER.agency_ids, is_draft)
    assert may_read(PEOPLE[name], matter) is may


def test_when_it_is_too_late() -> None:
    assert not is_too_late(NOW, NOW + 3 * D)
    assert is_too_late(NOW, NOW + 3 * D + S)
    assert not is_old_news(NOW, NOW + 30 * D)
    assert is_old_news(NOW, NOW + 30 * D + S)


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("event", Event)
def test_every_letter_says_what_it_must(event: Event, language: str) -> None:
    reader = person("reader", Membership(Role.OFFICER, OTHER), language=language)
    letter = write_letter(news(event), reader, SITE)
    assert "\n" not in letter.subject
    assert letter.subject
    assert "{" not in letter.subject + letter.body
    assert SITE.site_url + "/" in letter.body
    assert "2570-0007" in letter.body
    assert "Test call" in letter.body if language == "en" else "รอบทดสอบ" in letter.body
    # what is asked, by when, in the Buddhist era and in Bangkok
    assert ("21 Nov 2568 B.E., 10:00" if language == "en" else "21 พ.ย. 2568 10:00 น.") in letter.body
    assert SITE.reply_to in letter.body
    assert SECRET not in letter.subject + letter.body  # this reader may not read the proposal
    own = write_letter(news(event), PEOPLE["lead officer"], SITE)
    assert SECRET in own.body
    assert SECRET not in own.subject
    thai = any("\u0e00" <= c <= "\u0e7f" for c in letter.subject)
    assert thai is (language == "th")


def test_the_secretariat_is_not_told_to_ask_itself() -> None:
    assert SITE.reply_to not in write_letter(news(Event.REFILED), PEOPLE["secretariat"], SITE).body


def test_nobody_is_told_to_reply_where_nobody_reads() -> None:
    letter = write_letter(news(Event.FILED), PEOPLE["lead officer"], Letterhead("https://dgi.example"))
    assert "ไม่มีผู้อ่าน" in letter.body


def test_official_letters_say_why_they_come_and_others_how_to_stop_them() -> None:
    for event in Event:
        letter = write_letter(news(event), PEOPLE["lead officer"], SITE)
        always = KINDS[KIND_OF[event]].why_always
        assert (always.th in letter.body) if always else ("https://dgi.example/account" in letter.body)


@pytest.mark.parametrize("bad", ["a\r\nBcc: x@y.z", "a\nb", "a\x00b", "a\u2028b", "a\x85b"])
def test_no_value_can_break_a_line(bad: str) -> None:
    assert one_line(bad).isprintable()
    matter = Matter(7, bad, Text(bad, bad), Text(bad, bad), LEAD, MATTER.agency_ids, True)
    words = dict.fromkeys(WORDS, bad)
    told = News(Event.EXTENDED, Text(bad, bad), matter, frozenset(), NOW, words, ((bad, Text(bad, bad)),))
    whole = write_letter(told, PEOPLE["lead officer"], SITE)
    clean = write_letter(
        News(
            Event.EXTENDED,
            Text("a", "a"),
            MATTER,
            frozenset(),
            NOW,
            dict.fromkeys(WORDS, "a"),
            (("a", Text("a", "a")),),
        ),
        PEOPLE["lead officer"],
        SITE,
    )
    assert whole.subject.isprintable()
    assert whole.body.count("\n") == clean.body.count("\n")
    assert all(line.isprintable() for line in whole.body.split("\n"))


def test_a_long_name_does_not_make_a_subject_too_long() -> None:
    words = {**WORDS, "agency": "ก" * 400}
    told = News(Event.PART_CONFIRMED, Text("ร", "c"), MATTER, frozenset(), None, words)
    assert len(write_letter(told, PEOPLE["lead officer"], SITE).subject) == 250


def test_a_draft_without_an_english_name_is_told_by_its_thai_one() -> None:
    reader = person("reader", Membership(Role.OFFICER, LEAD), language="en")
    told = News(
        Event.DRAFTS_DUE, Text("ร", "c"), None, frozenset({LEAD}), NOW, WORDS, (("2570-1", Text("ชื่อ", "")),)
    )
    assert "- 2570-1 ชื่อ" in write_letter(told, reader, SITE).body
