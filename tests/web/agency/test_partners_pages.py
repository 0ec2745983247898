"""Inviting, answering, filling in and confirming through the pages, and who finds what on them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app.kernel.db import db
from app.kernel.work import open_work
from app.proposals.actions import answer_link, submit_proposal
from app.proposals.queries import read_draft
from tests.proposals.consortium import (
    LINK,
    PART_ROW,
    answer,
    begin,
    certify,
    confirm,
    fill_in_part,
    gather,
    invite,
    join,
    joint,
    part_of,
    requests_of,
    return_for_revision,
    sign_for_part,
    write_part,
)
from tests.web.agency.paper import hidden
from tests.web.desks import browser, queries_of, text_of
from tests.world import NOW, World, budget_row

READERS = ("officer", "certifier", "officer_beta", "certifier_beta")


@pytest.fixture
def here(app: Flask, world: World) -> World:
    return gather(world)


def home_of(proposal_id: int) -> str:
    return f"/agency/proposals/{proposal_id}"


def test_from_the_invitation_to_the_confirmed_part(app: Flask, here: World) -> None:
    certify()
    proposal_id = begin(here, joint(budget={"rows": [budget_row(), PART_ROW]}))
    lead, beta, address = browser(app, "officer"), browser(app, "officer_beta"), home_of(proposal_id)
    page = text_of(lead.get(f"{address}/partners"))
    assert 'id="partners-beta"' in page
    assert "ยังไม่ได้เชิญ" in page
    sent = {"partners-invite": "beta", "partners-note": "ขอให้รับผิดชอบฐานข้อมูล"}
    assert lead.post(f"{address}/partners/invite", data=sent).status_code == 303
    page = text_of(lead.get(f"{address}/partners"))
    assert "ส่งคำเชิญถึง 1 หน่วยงานแล้ว" in page
    assert "รอตอบรับ" in page

    invited = text_of(beta.get(f"{address}/parts/beta"))
    assert "ขอให้รับผิดชอบฐานข้อมูล" in invited
    assert "2,500.50 บาท" in invited  # what the lead has written for it
    assert f'href="{address}/parts/beta"' in text_of(beta.get(address))
    sent = {"invitation-answer": "join"}
    answer = beta.post(f"{address}/parts/beta/answer", data=sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{address}/parts/beta")
    part = text_of(beta.get(f"{address}/parts/beta"))
    for section in ("links", "indicators", "budget"):
        assert f'href="{address}/parts/beta/{section}"' in part
    assert "0.0025" in part
    assert "ยืนยันว่าครบถ้วน" in part

    answer = beta.post(f"{address}/parts/beta/confirm", data={"seen": hidden(part, "seen")})
    assert answer.status_code == 303
    part = text_of(beta.get(f"{address}/parts/beta"))
    assert "ยืนยันแล้ว รอลงนาม" in part
    assert "Person officer_beta" in text_of(browser(app, "officer", "en").get(f"{address}/partners"))


def test_what_is_missing_is_told_to_both_sides(app: Flask, here: World) -> None:
    proposal_id = begin(here)
    join(here, proposal_id)
    write_part(here, proposal_id, "budget", [PART_ROW, PART_ROW | {"unit": ""}])
    address = home_of(proposal_id)
    lead = text_of(browser(app, "officer").get(f"{address}/partners"))
    assert "ยังต้องเติมหรือแก้ 1 เรื่อง" in lead
    # the lead's own line is the first: to it the participant's second line is the third
    assert f'<a href="{address}/read#filed-budget-3">รายการที่ 3: กรุณากรอกหน่วยนับ</a>' in lead
    assert 'id="filed-budget-3"' in text_of(browser(app, "officer").get(f"{address}/read"))
    beta = browser(app, "officer_beta")
    own = text_of(beta.get(f"{address}/parts/beta"))
    assert f'<a href="{address}/parts/beta/budget#budget-2-unit">รายการที่ 2: กรุณากรอกหน่วยนับ</a>' in own
    answer = beta.post(f"{address}/parts/beta/confirm", data={"seen": part_of(proposal_id).sha256})
    assert answer.status_code == 422
    assert f'<a href="{address}/parts/beta/budget#budget-2-unit">' in text_of(answer)


def test_declining_needs_a_reason_and_only_the_lead_reads_it(app: Flask, here: World) -> None:
    proposal_id = begin(here, joint("beta", "gamma"))
    invite(here, proposal_id, "beta")
    address, beta = home_of(proposal_id), browser(app, "officer_beta")
    for sent, place in (
        ({}, "invitation-answer"),
        ({"invitation-answer": "perhaps"}, "invitation-answer"),
        ({"invitation-answer": "decline", "invitation-reason": "  "}, "invitation-reason"),
    ):
        answer = beta.post(f"{address}/parts/beta/answer", data=sent)
        assert answer.status_code == 422
        assert f'id="{place}-error"' in text_of(answer)
    reason = "ไม่มีบุคลากรเพียงพอ"
    sent = {"invitation-answer": "decline", "invitation-reason": reason}
    assert beta.post(f"{address}/parts/beta/answer", data=sent).status_code == 303
    assert reason in text_of(browser(app, "officer").get(f"{address}/partners"))
    assert reason in text_of(browser(app, "officer").get(f"{address}/parts/beta"))
    for path in ("partners", "parts/beta"):
        assert reason not in text_of(browser(app, "officer_gamma").get(f"{address}/{path}"))
    # it may change its mind
    assert beta.post(f"{address}/parts/beta/answer", data={"invitation-answer": "join"}).status_code == 303
    assert part_of(proposal_id).has_joined


def test_an_invitation_needs_somebody_to_invite(app: Flask, here: World) -> None:
    proposal_id = begin(here)
    lead, address = browser(app, "officer"), f"{home_of(proposal_id)}/partners/invite"
    for sent, place in (
        ({"partners-note": "เรียนเชิญ"}, "partners-invite"),
        ({"partners-invite": "gamma", "partners-note": "เรียนเชิญ"}, "partners-invite"),
        ({"partners-invite": "beta", "partners-note": "ก" * 2001}, "partners-note"),
    ):
        answer = lead.post(address, data=sent)
        assert answer.status_code == 422
        assert f'id="{place}-error"' in text_of(answer)
        assert sent["partners-note"] in text_of(answer)  # nothing typed is lost


def test_leaving_afterwards(app: Flask, here: World) -> None:
    proposal_id = begin(here)
    join(here, proposal_id)
    beta, address = browser(app, "officer_beta"), f"{home_of(proposal_id)}/parts/beta"
    sent = {"invitation-answer": "decline", "invitation-reason": ""}
    answer = beta.post(f"{address}/answer", data=sent)
    assert answer.status_code == 422
    assert 'id="invitation-reason-error"' in text_of(answer)
    assert beta.post(f"{address}/answer", data=sent | {"invitation-reason": "ถอนตัว"}).status_code == 303
    assert "แจ้งว่าไม่เข้าร่วม" in text_of(beta.get(address))


# who sees which form: (person) -> the actions offered on the pages of a joined participant
OFFERED: dict[str, set[str]] = {
    "officer": {"partners/invite", "ask-partners"},
    "certifier": set(),
    "officer_beta": {"parts/beta/confirm", "parts/beta/answer", "parts/beta/ask-partners"},
    "certifier_beta": set(),
    "officer_gamma": {"parts/gamma/answer"},
    "certifier_gamma": set(),
}


@pytest.mark.parametrize("person", OFFERED)
def test_who_is_offered_what(app: Flask, here: World, person: str) -> None:
    """beta has joined, gamma is invited, dga is only named."""
    proposal_id = begin(here, joint("beta", "gamma", "dga"))
    join(here, proposal_id)
    invite(here, proposal_id, "gamma")
    reader, address = browser(app, person), home_of(proposal_id)
    pages = "".join(
        text_of(reader.get(f"{address}/{path}")) for path in ("partners", "parts/beta", "parts/gamma")
    )
    possible = {
        "partners/invite",
        "ask-partners",
        *(f"parts/{c}/{a}" for c in ("beta", "gamma") for a in ("answer", "confirm", "ask-partners")),
    }
    assert {path for path in possible if f'action="{address}/{path}"' in pages} == OFFERED[person]


def test_others_act_on_nothing(app: Flask, here: World) -> None:
    proposal_id = begin(here, joint("beta", "gamma"))
    join(here, proposal_id)
    address = home_of(proposal_id)
    posts = {
        "officer": ("parts/beta/answer", "parts/beta/confirm", "parts/beta/ask-partners"),
        "officer_beta": ("partners/invite", "ask-partners", "parts/gamma/answer"),
        "officer_gamma": ("parts/beta/answer", "parts/beta/confirm", "partners/invite"),
    }
    for person, paths in posts.items():
        sender = browser(app, person)
        for path in paths:
            assert sender.post(f"{address}/{path}", data={}).status_code == 404, (person, path)
    assert browser(app, "certifier_beta").post(f"{address}/parts/beta/confirm").status_code == 403
    for path in ("parts/nobody", "parts/gamma", "parts/alpha"):
        assert browser(app, "officer").get(f"{address}/{path}").status_code == 404, path


def test_after_the_filing_the_pages_lead_to_the_proposal(app: Flask, here: World) -> None:
    proposal_id = begin(here)
    join(here, proposal_id)
    with open_work(here.actor("officer"), NOW) as work:
        submit_proposal(work, proposal_id, "key")
    address = home_of(proposal_id)
    lead, beta = browser(app, "officer"), browser(app, "officer_beta")
    for reader, path in ((lead, "partners"), (lead, "parts/beta"), (beta, "parts/beta")):
        answer = reader.get(f"{address}/{path}")
        assert (answer.status_code, answer.headers["Location"]) == (302, address)
    for sender, path in (
        (lead, "partners/invite"),
        (lead, "ask-partners"),
        (beta, "parts/beta/answer"),
        (beta, "parts/beta/confirm"),
        (beta, "parts/beta/ask-partners"),
    ):
        answer = sender.post(f"{address}/{path}", data={})
        assert (answer.status_code, answer.headers["Location"]) == (303, address), path
    assert "ยื่นแล้ว จึงเปลี่ยนไม่ได้" in text_of(lead.get(address))


@pytest.mark.both_databases
def test_a_stale_confirmation_shows_the_part_as_it_is_now(app: Flask, here: World) -> None:
    proposal_id = begin(here)
    join(here, proposal_id)
    beta, address = browser(app, "officer_beta"), f"{home_of(proposal_id)}/parts/beta"
    shown = hidden(text_of(beta.get(address)), "seen")
    write_part(here, proposal_id, "budget", [])
    answer = beta.post(f"{address}/confirm", data={"seen": shown})
    assert answer.status_code == 409
    assert "เพื่อนร่วมงานของท่านแก้ไขส่วนนี้" in text_of(answer)
    assert not part_of(proposal_id).is_confirmed


@pytest.mark.parametrize("certified", [True, False], ids=["certified", "not certified"])
def test_standings_in_words(app: Flask, here: World, certified: bool) -> None:
    certify(certified)
    proposal_id = begin(here)
    join(here, proposal_id)
    lead, address = browser(app, "officer"), f"{home_of(proposal_id)}/partners"
    assert "กำลังกรอก" in text_of(lead.get(address))
    confirm(here, proposal_id)
    page = text_of(lead.get(address))
    assert ("ยืนยันแล้ว รอลงนาม" in page) == certified
    assert "ยืนยันแล้ว" in page
    sign_for_part(here, proposal_id)
    assert "ลงนามแล้ว" in text_of(lead.get(address))


# --- links


def test_links_are_put_to_partners_and_their_answers_shown(app: Flask, here: World) -> None:
    proposal_id = begin(here)
    join(here, proposal_id)
    lead, beta, address = browser(app, "officer"), browser(app, "officer_beta"), home_of(proposal_id)
    assert "ยังไม่ได้ขอคำยืนยัน" in text_of(lead.get(f"{address}/partners"))
    answer = lead.post(f"{address}/ask-partners")
    assert answer.headers["Location"] == f"{address}/partners#links"
    answer = beta.post(f"{address}/parts/beta/ask-partners")
    assert answer.headers["Location"] == f"{address}/parts/beta#links"
    first, second = requests_of(proposal_id)
    with open_work(here.actor("officer_gamma"), NOW) as work:
        answer_link(work, first.id, confirms=True, own_money=True, note="มีระบบอยู่แล้ว")
        answer_link(work, second.id, confirms=False, own_money=None, note="ยังไม่มีข้อมูลนี้")
    page = text_of(lead.get(f"{address}/partners"))
    for words in ("ขอเงินของตนเองด้วย", "มีระบบอยู่แล้ว", "หน่วยงานคู่เชื่อมปฏิเสธ", "ยังไม่มีข้อมูลนี้"):
        assert words in page
    assert f'action="{address}/ask-partners"' not in page  # nothing left to ask
    own = text_of(beta.get(f"{address}/parts/beta"))
    assert "ยังไม่มีข้อมูลนี้" in own
    assert "มีระบบอยู่แล้ว" not in own  # the lead's link


def test_links_that_cannot_be_asked_say_why(app: Flask, here: World) -> None:
    draft = joint()
    draft["integration"]["links"] = [
        LINK | {"channel": ""},
        LINK | {"partner": "", "partner_other": "บริษัท ก"},
    ]
    page = text_of(browser(app, "officer").get(f"{home_of(begin(here, draft))}/partners"))
    assert "กรอกให้ครบก่อนจึงขอคำยืนยันได้" in page
    assert "ไม่อยู่ในทะเบียน จึงขอคำยืนยันไม่ได้" in page
    assert "/ask-partners" not in page


def test_links_that_are_not_claimed_say_so(app: Flask, here: World) -> None:
    proposal_id = begin(here, joint(integration={"forms": ["curriculum"], "curriculum": "dg-data"}))
    join(here, proposal_id)
    for person, path in (("officer", "partners"), ("officer_beta", "parts/beta")):
        page = text_of(browser(app, person).get(f"{home_of(proposal_id)}/{path}"))
        assert "การเชื่อมโยงด้านล่างจึงยังไม่นับ" in page
        assert "ask-partners" not in page


# --- after a return


def test_a_return_opens_the_part_as_far_as_it_opens_the_section(app: Flask, here: World) -> None:
    proposal_id = begin(here, joint("beta", "gamma"))
    join(here, proposal_id)
    with open_work(here.actor("officer"), NOW) as work:
        submit_proposal(work, proposal_id, "key")
    return_for_revision(here, proposal_id, "budget", due_at=NOW + timedelta(days=2))
    beta, address = browser(app, "officer_beta"), home_of(proposal_id)
    page = text_of(beta.get(f"{address}/parts/beta"))
    assert f'href="{address}/parts/beta/budget"' in page
    assert f'href="{address}/parts/beta/indicators"' not in page
    assert page.count("ไม่ได้เปิดให้แก้") == 2
    assert "ถอนตัวจากโครงการ" not in page
    assert f'action="{address}/parts/beta/ask-partners"' not in page
    sent = {"invitation-answer": "decline", "invitation-reason": "เหตุผล"}
    answer = beta.post(f"{address}/parts/beta/answer", data=sent)
    assert answer.status_code == 422
    assert "ไม่ได้เปิดให้แก้ไขในการส่งคืนครั้งนี้" in text_of(answer)
    confirmed = beta.post(f"{address}/parts/beta/confirm", data={"seen": part_of(proposal_id).sha256})
    assert confirmed.status_code == 303
    lead = text_of(browser(app, "officer").get(f"{address}/partners"))
    assert f'action="{address}/partners/invite"' not in lead
    assert f'action="{address}/ask-partners"' not in lead


# --- effort


@pytest.mark.both_databases
def test_as_many_queries_for_many_participants_as_for_one(app: Flask, here: World) -> None:
    lead = browser(app, "officer")
    counts = []
    for participants in (("beta",), ("beta", "gamma", "dga", "bb")):
        proposal_id = begin(here, joint(*participants))
        for code in participants:
            if code in ("beta", "gamma"):
                invite(here, proposal_id, code)
                answer(here, proposal_id, code)
                fill_in_part(here, proposal_id, code)
        counts.append(queries_of(lead, f"{home_of(proposal_id)}/partners"))
    assert counts[0] == counts[1]
    assert counts[0] <= 16


@pytest.mark.parametrize("person", READERS)
def test_everybody_of_the_proposal_reads_the_pages(app: Flask, here: World, person: str) -> None:
    proposal_id = begin(here)
    join(here, proposal_id)
    reader, address = browser(app, person, "en"), home_of(proposal_id)
    for path in ("partners", "parts/beta", "sign", "parts/beta/sign"):
        answer = reader.get(f"{address}/{path}")
        assert answer.status_code == 200, (path, text_of(answer)[:500])
    assert read_draft(db.session(), proposal_id).state == "draft"
