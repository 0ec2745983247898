"""A finding never depends on the order of links, lines, indicators, users, attachments or known things."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.canonical import canonical_json
from app.proposals.facts import AttachmentFacts, BudgetLine, Form, Indicator, ProposalFacts, item_key
from app.screening.facts import Circumstances, Committed, LaterAnswer, PeerPrices
from app.screening.rules import Screening, Situation, screen
from tests.proposals.made_up import ALPHA, BETA, GAMMA, agency, service
from tests.screening.tables.commitments import EARLIER
from tests.screening.tables.overlaps import like
from tests.screening.tables.procurement import WHY
from tests.screening.tables.rows import RULEBOOK, SOUND, confirmed, situation

ITEMS = ("เครื่องคอมพิวเตอร์แม่ข่าย แบบที่ 2", "ค่าจ้างพัฒนาระบบ", "อุปกรณ์จัดเก็บข้อมูล", "ค่าเช่า server", "")
PARTNERS = st.sampled_from([ALPHA, BETA, GAMMA, agency("delta"), None])

links = st.builds(
    confirmed,
    name=st.sampled_from(["ทะเบียน", "ข้อมูล", "บริการ"]),
    partner=PARTNERS,
    partner_other=st.sampled_from(["", "สภากาชาดไทย"]),
    answer=st.sampled_from(["", "asked", "confirmed", "declined"]),
    own_money=st.sampled_from([None, True, False]),
    agency=st.sampled_from(["", "beta"]),
)
lines = st.builds(
    BudgetLine,
    agency=st.sampled_from(["alpha", "beta", "nobody"]),
    category=st.sampled_from(["capital", "personnel", "operations"]),
    item=st.sampled_from(ITEMS),
    quantity=st.integers(1, 3),
    unit=st.sampled_from(["เครื่อง", "งาน"]),
    unit_price=st.sampled_from([0, 10_000, 35_000_000, 90_000_000]),
    quarters=st.just((0, 0, 0, 0)),
    later_years=st.sampled_from([(0, 0, 0, 0), (1, 0, 0, 0), (0, 10**9, 0, 0), (5_000, 5_000, 0, 0)]),
    source=st.just("เล่มที่ 1"),  # an imported line needs no quarters; their words name the line by its number
)
indicators = st.builds(
    Indicator,
    st.sampled_from(["จำนวนผู้ใช้", "ระยะเวลา"]),
    st.sampled_from(["", "คน"]),
    st.sampled_from(["-", "5", "10"]),
    st.sampled_from(["ดีขึ้น", "5", "7"]),
)
papers = st.builds(
    AttachmentFacts,
    st.sampled_from(["tor", "quotation", "other"]),
    st.just("ก.pdf"),
    st.just(1),
    st.just("0" * 64),
)
KNOWN = Circumstances(
    peers={item_key(item, "เครื่อง"): PeerPrices(4, 20_000, 1, 90_000_000) for item in ITEMS if item},
    overlaps=(
        like(),
        like(verdict="unrelated", number="2568-0001"),
        like(verdict="duplicate", yields="x", number="y"),
    ),
    committed={item_key(item, "งาน"): Committed(item, 10_000, 10_000) for item in ITEMS if item},
    answers={confirmed(name="ข้อมูล").sha256: LaterAnswer("declined", None)},
)


def proposals() -> st.SearchStrategy[ProposalFacts]:
    return st.builds(
        lambda made, rows, measures, attached, users: replace(
            SOUND,
            integration=replace(
                SOUND.integration,
                forms=(Form.LINK, Form.SHARED_SERVICE),
                links=tuple(made),
                shared_service=service(users=tuple(users)),
            ),
            lines=tuple(rows),
            indicators=tuple(measures),
            attachments=tuple(attached),
            continues=EARLIER,
            rationale=f"เหตุผล\n{WHY}",
        ),
        st.lists(links, max_size=5),
        st.lists(lines, max_size=6),
        st.lists(indicators, max_size=4),
        st.lists(papers, max_size=3),
        st.lists(st.sampled_from([ALPHA, BETA, GAMMA]), max_size=4),
    )


# these name a row by its number in their words, as the form they send back to does
BY_NUMBER = {"complete", "structure", "sums"}


def content(result: Screening) -> Counter[tuple[str, str, str, str]]:
    """What was found, however often, without the places: those are positions."""
    return Counter(
        (f.rule, f.outcome, f.reason, "" if f.rule in BY_NUMBER else canonical_json(_settled(f.values)))
        for f in result.findings
    )


def _settled(values: Any) -> dict[str, Any]:
    """A link without a partner and a name is told by its number."""
    return {k: v for k, v in values.items() if not (isinstance(v, str) and v.startswith("#"))}


@settings(max_examples=150, deadline=None)
@given(proposals(), st.randoms(use_true_random=False))
def test_findings_do_not_depend_on_order(facts: ProposalFacts, chance: Any) -> None:
    def mixed(rows: Any) -> tuple[Any, ...]:
        return tuple(chance.sample(list(rows), len(rows)))

    i = facts.integration
    other = replace(
        facts,
        integration=replace(
            i,
            forms=mixed(i.forms),
            links=mixed(i.links),
            shared_service=replace(i.shared_service, users=mixed(i.shared_service.users)),
        ),
        lines=mixed(facts.lines),
        indicators=mixed(facts.indicators),
        attachments=mixed(facts.attachments),
    )
    on = situation(known=KNOWN)
    shuffled: Situation = replace(
        on,
        known=replace(
            KNOWN,
            overlaps=mixed(KNOWN.overlaps or ()),
            peers=dict(mixed(KNOWN.peers.items())),
            committed=dict(mixed(KNOWN.committed.items())),
        ),
    )
    one, two = screen(facts, RULEBOOK, on), screen(other, RULEBOOK, shuffled)
    assert content(one) == content(two)
    assert one.outcome is two.outcome


def test_the_law_can_fail() -> None:
    """What is compared does hold the values a rule puts into words."""
    dear = replace(
        SOUND, lines=(replace(SOUND.lines[0], item=ITEMS[0], unit="เครื่อง", unit_price=90_000_000),)
    )
    told = content(screen(dear, RULEBOOK, situation()))
    assert any(rule == "reference-prices" and ITEMS[0] in values for rule, _, _, values in told)


def test_places_follow_the_rows() -> None:
    far = BudgetLine("alpha", "capital", ITEMS[0], 1, "เครื่อง", 90_000_000, (0, 0, 0, 0), (), "เล่มที่ 1")
    for n, rows in enumerate(((far, SOUND.lines[0]), (SOUND.lines[0], far)), 1):
        findings = screen(replace(SOUND, lines=rows), RULEBOOK, situation()).findings
        assert [f.places for f in findings if f.reason == "above"] == [(f"budget-{n}-unit_price",)]
