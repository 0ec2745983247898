"""Every finding of the graph: when it is found and when not, at its boundary, and what it says in both languages."""

from __future__ import annotations

import pytest

from app.linkage.building import build
from app.linkage.facts import Claims, Finding, Rule
from app.linkage.findings import OWN_RULES, RULE_GROUNDS, RULE_NAMES, list_findings
from app.linkage.findings.bounds import MANY
from app.linkage.findings.supply import are_nearly_same, core_of
from app.proposals.facts import Answer, IntegrationLink
from tests.linkage.claims import PLAN, claims, link

YES, NO, ASKED = Answer.CONFIRMED, Answer.DECLINED, Answer.ASKED


def found(rule: Rule, *proposals: Claims, out: tuple[int, ...] = ()) -> list[Finding]:
    return list_findings(build(proposals, PLAN), [f"proposal:{key}" for key in out], [rule])


def test_every_rule_says_what_it_looks_for() -> None:
    assert set(RULE_NAMES) == set(RULE_GROUNDS) == set(Rule)
    for text in (*RULE_NAMES.values(), *RULE_GROUNDS.values()):
        assert text.th
        assert text.en
        assert "{" not in text.th + text.en


@pytest.mark.parametrize(
    ("links", "is_found"),
    [
        ([link("x", "b")], True),
        ([link("x", "b", answer=ASKED)], True),
        ([link("x", "b", answer=NO)], True),
        ([link("x", "b", answer=YES)], False),
        ([link("x", "b"), link("y", "c", answer=YES)], False),  # one word is enough
        ([link("x", "a", answer=YES)], True),  # one's own word is none
        ([], False),  # no link claimed at all
    ],
)
def test_no_confirmed_partner(links: list[IntegrationLink], is_found: bool) -> None:
    assert bool(found(Rule.NO_PARTNER, claims(1, "a", *links))) is is_found


def test_no_confirmed_partner_in_words() -> None:
    (one,) = found(Rule.NO_PARTNER, claims(1, "a", link("x", "c"), link("y", "b")))
    assert one.text.th == "ข้อเสนอ 2570-0001 อ้างการเชื่อมโยงกับ กรมb และ กรมc แต่ยังไม่มีหน่วยงานใดยืนยัน"
    assert (
        one.text.en
        == "Proposal 2570-0001 claims links with Department b and Department c; none of them has confirmed"
    )
    assert (one.about, one.proposals, len(one.edges)) == ("proposal:1", ("proposal:1",), 2)
    (within,) = found(Rule.NO_PARTNER, claims(1, "a", link("x", "a")))
    assert within.text.en == "Proposal 2570-0001 claims a link, but names no other agency"
    assert within.remedy.th == "ระบุหน่วยงานคู่เชื่อมในข้อเสนอ แล้วขอคำยืนยัน"


def test_nobody_sees_to_the_links_of_a_proposal_that_is_out() -> None:
    proposal = claims(1, "a", link("x", "b"))
    for rule in (Rule.NO_PARTNER, Rule.UNCONFIRMED, Rule.UNMET):
        assert found(rule, proposal)
        assert not found(rule, proposal, out=(1,))


def test_unconfirmed_links_stand_with_their_partner() -> None:
    (one,) = found(
        Rule.UNCONFIRMED,
        claims(1, "a", link("x", "b", answer=ASKED), link("y", "b")),
        claims(2, "c", link("x", "b"), link("z", "b", answer=YES), link("z", "c"), link("w", "b", answer=NO)),
    )
    assert one.about == "agency:b"
    assert one.text.th == ("กรมb ยังไม่ยืนยันการเชื่อมโยง 3 รายการใน 2570-0001 และ 2570-0002 (ขอแล้ว 1 ยังไม่ได้ขอ 2)")
    assert one.text.en == (
        "Department b has not confirmed 3 links in 2570-0001 and 2570-0002 (1 asked, 2 not asked)"
    )
    assert "Links to confirm" in one.remedy.en
    assert len(one.edges) == 3


def test_an_unconfirmed_link_with_a_body_outside_the_register() -> None:
    (one,) = found(Rule.UNCONFIRMED, claims(1, "a", link("x", "!การไฟฟ้า")))
    assert one.text.en.startswith("การไฟฟ้า is named as partner of 1 link in 2570-0001, and is in no register")
    assert one.text.th.startswith("การไฟฟ้า ถูกอ้างเป็นคู่เชื่อม 1 รายการใน 2570-0001 แต่ไม่อยู่ในทะเบียนหน่วยงาน")


def test_declined_links_in_words() -> None:
    (one,) = found(Rule.DECLINED, claims(1, "a", link("x", "b", answer=NO), link("y", "b")))
    assert one.text.th == "กรมb ปฏิเสธการเชื่อมโยงเรื่อง “x” ใน 2570-0001"
    assert one.text.en == "Department b declined the link about “x” in 2570-0001"
    assert not found(Rule.DECLINED, claims(1, "a", link("x", "b", answer=ASKED)))


NEED = claims(1, "a", link("x", "b"))


@pytest.mark.parametrize(
    ("others", "is_found"),
    [
        ([], True),
        ([claims(2, "b", link("x", "c", "provides"))], False),  # a filing offers it
        ([claims(2, "b", link("x", "c", "provides", NO))], True),  # and was refused
        ([claims(2, "b", service="x")], False),
        ([claims(2, "c", link("x", "b", answer=YES))], False),  # given to somebody, so it is there
        ([claims(2, "c", link("x", "d", "both"))], True),  # exchanged between two others
        ([claims(2, "b", link("x", "c", "both"))], False),  # exchanged by the one it is needed from
        ([claims(2, "c", link("x", "b", channel="data_go_th"))], False),  # published already
        ([claims(2, "c", link("x", "b", channel="data_go_th", answer=NO))], True),
    ],
)
def test_unmet_need(others: list[Claims], is_found: bool) -> None:
    assert bool(found(Rule.UNMET, NEED, *others)) is is_found


@pytest.mark.parametrize("channel", ["data_go_th", "linkage_center", "tax_where"])
def test_what_a_platform_publishes_is_offered(channel: str) -> None:
    assert not found(Rule.UNMET, claims(1, "a", link("x", "b", channel=channel)))


def test_what_an_out_proposal_offers_is_offered_by_nobody() -> None:
    offer = claims(2, "b", link("x", "c", "provides"))
    assert not found(Rule.UNMET, NEED, offer)
    assert found(Rule.UNMET, NEED, offer, out=(2,))


def test_unmet_need_in_words() -> None:
    (one,) = found(Rule.UNMET, NEED, claims(2, "c", link("X", "b", answer=NO)))
    assert one.text.th == (
        "กรมa และ กรมc ต้องการ “X” จาก กรมb ใน 2570-0001 และ 2570-0002 "
        "แต่ยังไม่มีหน่วยงานใดยืนยันหรือเสนอว่าจะให้ (ปฏิเสธแล้ว 1 รายการ)"
    )
    assert one.text.en == (
        "“X” is needed from Department b by Department a and Department c in 2570-0001 and 2570-0002; "
        "nobody has confirmed or offered to give it (1 declined)"
    )
    assert one.about == "thing:x"


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("ทะเบียนเกษตรกรกลาง", "ทะเบียนเกษตรกรกลาง", True),
        ("ระบบทะเบียนเกษตรกรกลาง", "แพลตฟอร์มทะเบียนเกษตรกรกลาง", True),  # general words set aside
        ("การแลกเปลี่ยนข้อมูลสุขภาพ", "แพลตฟอร์มแลกเปลี่ยนข้อมูลสุขภาพ", True),
        ("ทะเบียนเกษตรกรกลาง", "ทะเบียนที่ดินกลาง", False),
        ("health data exchange", "the health data exchange platform", True),
        ("aaaaaaa bbbbbbbbbbbbbbbbbb", "aaaaaaa bbbbbbbbbbbbbbbccc", True),  # 22 of 25 letters: 88 %
        ("aaaaaaa bbbbbbbbbbbbbbbbbb", "aaaaaaa bbbbbbbbbbbbbbcccc", False),  # 21 of 25: 84 %
        ("abcde", "abcdf", False),  # too short to resemble
        ("abcde", "ab cde", True),
        ("ระบบ", "แพลตฟอร์ม", False),
    ],
)
def test_names_taken_for_one_service(left: str, right: str, same: bool) -> None:
    assert are_nearly_same(left, right) is same
    assert are_nearly_same(right, left) is same


def test_a_name_of_general_words_alone_stays() -> None:
    assert core_of("ระบบ") == "ระบบ"


def test_proposed_twice_in_words() -> None:
    (one,) = found(
        Rule.TWICE,
        claims(1, "a", service="ทะเบียนกลาง"),
        claims(2, "b", service="ระบบทะเบียนกลาง"),
        claims(3, "c"),
    )
    assert one.proposals == ("proposal:1", "proposal:2")
    assert one.text.th == (
        "2570-0001 และ 2570-0002 เสนอบริการที่ชื่อเกือบเหมือนกันคือ “ทะเบียนกลาง” และ “ระบบทะเบียนกลาง” โดย กรมa และ กรมb"
    )
    assert one.text.en == (
        "2570-0001 and 2570-0002 propose services of nearly the same name, “ทะเบียนกลาง” and “ระบบทะเบียนกลาง”, "
        "by Department a and Department b"
    )
    (same,) = found(Rule.TWICE, claims(1, "a", service="s1"), claims(2, "b", service="S1"))
    assert same.text.en.startswith("2570-0001 and 2570-0002 propose the same service, “")


def test_once_is_not_twice_nor_is_an_out_one_or_a_nameless_one() -> None:
    one, two = claims(1, "a", service="ทะเบียนกลาง"), claims(2, "b", service="ทะเบียนกลาง")
    assert found(Rule.TWICE, one, two)
    assert not found(Rule.TWICE, one)
    assert not found(Rule.TWICE, one, two, out=(2,))
    nameless = [claims(n, "a", forms=["shared_service"]) for n in (1, 2)]
    assert not found(Rule.TWICE, *nameless)


def _dependents(count: int, name: str = "x") -> list[Claims]:
    return [claims(n, f"d{n}", link(name, "p", answer=YES)) for n in range(1, count + 1)]


@pytest.mark.parametrize(("dependents", "is_found"), [(MANY - 1, False), (MANY, True), (MANY + 1, True)])
def test_unfunded_provider_at_its_boundary(dependents: int, is_found: bool) -> None:
    own = claims(90, "p")
    assert bool(found(Rule.UNFUNDED, *_dependents(dependents), own, out=(90,))) is is_found
    assert not found(Rule.UNFUNDED, *_dependents(dependents), own)  # it is funded
    assert not found(Rule.UNFUNDED, *_dependents(dependents))  # it asks for nothing


def test_unfunded_provider_counts_proposals_in_the_running_that_need_something() -> None:
    own = claims(90, "p")
    assert not found(Rule.UNFUNDED, *_dependents(MANY), own, out=(90, 1))
    declined = claims(1, "d1", link("x", "p", answer=NO))
    assert not found(Rule.UNFUNDED, declined, *_dependents(MANY)[1:], own, out=(90,))
    given = claims(1, "d1", link("x", "p", "provides", YES))
    assert not found(Rule.UNFUNDED, given, *_dependents(MANY)[1:], own, out=(90,))


def test_a_provider_with_other_money_is_asked_only_for_what_was_lost() -> None:
    offering, other = claims(90, "p", link("x", "q", "provides")), claims(91, "p")
    assert found(Rule.UNFUNDED, *_dependents(MANY), offering, other, out=(90,))
    assert not found(Rule.UNFUNDED, *_dependents(MANY, "y"), offering, other, out=(90,))
    again = claims(91, "p", link("x", "r", "provides"))
    assert not found(Rule.UNFUNDED, *_dependents(MANY), offering, again, out=(90,))


def test_a_service_that_is_lost_counts_whatever_partner_is_named() -> None:
    users = [claims(n, f"d{n}", link("ศูนย์", "z", kind="system")) for n in range(1, MANY + 1)]
    (one,) = found(Rule.UNFUNDED, *users, claims(90, "p", service="ศูนย์"), out=(90,))
    assert one.about == "agency:p"


def test_unfunded_provider_in_words() -> None:
    (one,) = found(Rule.UNFUNDED, *_dependents(3), claims(90, "p"), out=(90,))
    assert one.text.th == (
        "ข้อเสนอ 3 รายการ (2570-0001, 2570-0002 และ 2570-0003) พึ่งพา “x” ของ กรมp แต่ข้อเสนอของหน่วยงานนี้คือ 2570-0090 ไม่ได้รับงบ"
    )
    assert one.text.en == (
        "3 proposals (2570-0001, 2570-0002 and 2570-0003) depend on “x” of Department p, "
        "whose own 2570-0090 is not funded"
    )
    assert one.proposals[-1] == "proposal:90"


def test_long_lists_are_counted() -> None:
    partners = [link(f"t{n}", f"b{n}") for n in range(6)]
    (one,) = found(Rule.NO_PARTNER, claims(1, "a", *partners))
    assert "กรมb0, กรมb1, กรมb2, กรมb3 และอีก 2 รายการ" in one.text.th
    assert "Department b3 and 2 more" in one.text.en


def test_findings_come_by_rule_the_heaviest_first() -> None:
    graph = build(
        [claims(1, "a", link("x", "b")), claims(2, "c", link("y", "d")), claims(3, "e", link("y", "d"))], PLAN
    )
    unconfirmed = list_findings(graph, rules=[Rule.UNCONFIRMED])
    assert [f.about for f in unconfirmed] == ["agency:d", "agency:b"]
    rules = [f.rule for f in list_findings(graph)]
    assert rules == sorted(rules, key=list(Rule).index)
    assert {f.rule for f in list_findings(graph, rules=OWN_RULES)} <= set(OWN_RULES)
