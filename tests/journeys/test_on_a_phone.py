"""On a phone: no Thai word is broken in two by the end of a line, no save is pressed into a page of the browser's own."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from app.kernel.db import db
from tests.journeys.conftest import Site, sign_in
from tests.journeys.looking import settle
from tests.world import complete_draft, write_draft

# Words a browser's dictionary breaks ("แผนงา|นบูรณาการ", "น้อยห|นึ่ง"): those of the page that stand on two lines.
BROKEN = """
(words) => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const pieces = [];
  let text = "";
  while (walk.nextNode()) {
    if (walk.currentNode.parentElement.closest("script, svg, textarea, select, .visually-hidden")) continue;
    pieces.push([text.length, walk.currentNode]);
    text += walk.currentNode.data;
  }
  const place = (at) => {
    const [begin, node] = pieces.findLast(([begin]) => begin <= at);
    return [node, at - begin];
  };
  const found = { broken: [], whole: 0 };
  for (const word of words) {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      const range = document.createRange();
      range.setStart(...place(at));
      const [node, last] = place(at + word.length - 1);
      range.setEnd(node, last + 1);
      const boxes = [...range.getClientRects()].filter((box) => box.width > 1);
      const lines = new Set(boxes.map((box) => Math.round(box.top / 8)));
      if (lines.size > 1) found.broken.push(text.slice(at - 10, at + word.length + 5));
      else if (lines.size) found.whole += 1;
    }
  }
  return found;
}
"""
# a place to break before a bracket or a quotation mark
TORN_OFF = "[...document.querySelectorAll('wbr')].some((here) => !/^[ก-๙]/.test(here.nextSibling?.textContent ?? ''))"
# a word taken out of its sentence by a rule for what it is put in
MOVED = (
    "[...document.querySelectorAll('one-word')].some((word) => getComputedStyle(word).display !== 'inline')"
)
WORDS = ["บูรณาการ", "กลั่นกรอง", "หนึ่ง", "งบประมาณ", "หน่วยงาน", "คลาวด์"]


def test_words_stay_whole_and_a_lost_connection_keeps_the_page(browser: Browser, site: Site) -> None:
    with site.app.app_context():
        proposal_id = write_draft(site.world, complete_draft())
        db.session.remove()
    context = browser.new_context(locale="th-TH", viewport={"width": 390, "height": 800})
    page = context.new_page()
    sign_in(page, site, "officer")
    whole = 0
    for path in ("integration", "check", "partners", "rationale"):
        page.goto(f"{site.url}/agency/proposals/{proposal_id}/{path}")
        settle(page)
        for width in (360, 375, 390):
            page.set_viewport_size({"width": width, "height": 800})
            found = page.evaluate(BROKEN, WORDS)
            assert found["broken"] == [], (path, width)
            whole += found["whole"]
            assert not page.evaluate(TORN_OFF), (path, width)
            assert not page.evaluate(MOVED), (path, width)
    assert whole > 100
    # the panel that a save brings is gone through as well
    page.fill("#rationale-outputs", "")
    expect(page.locator("[data-panel]")).to_contain_text("กรุณากรอกผลผลิต")
    assert page.evaluate(BROKEN, WORDS)["broken"] == []
    # pressing "save" without a connection: the page and its text stay, and are saved once it is back
    context.set_offline(True)
    page.fill("#rationale-outputs", "พิมพ์ระหว่างที่ไม่มีสัญญาณ")
    page.get_by_role("button", name="บันทึกและไปส่วนถัดไป").click()
    expect(page.locator("[data-saved]")).to_contain_text("ติดต่อระบบไม่ได้")
    expect(page.locator("#rationale-outputs")).to_have_value("พิมพ์ระหว่างที่ไม่มีสัญญาณ")
    context.set_offline(False)
    expect(page.locator("[data-saved]")).to_contain_text("บันทึกแล้ว")
    context.close()
