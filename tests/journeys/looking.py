"""Going from page to page, and looking at a page once it is there.

A click returns as soon as the next document is begun: it may not have a root yet. Only what waits by itself (`expect`,
filling in, clicking) may follow one directly. Whatever is read at once (`evaluate`, `count`, `all`, `inner_text`,
`content`), whatever axe runs on, and whatever leaves the page again (`goto`) comes after `follow` or `settle`.
"""

from __future__ import annotations

import json
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Locator, Page, Request, expect

AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
    "preload": False,  # fetching style sheets again is for a rule that is not among these
}
# A page has a dozen colours, and axe reads them for each of its texts, at a third of its whole time: what one is read as
# is kept. Of what it finds only what we ask for is sent from the browser.
COLOURS_READ_ONCE = """
(() => {
  const colour = axe.commons.color.Color.prototype;
  const read = colour.parseString;
  const known = new Map();
  colour.parseString = function (text) {
    if (known.has(text)) {
      [this.r, this.g, this.b, this.alpha] = known.get(text);
    } else {
      read.call(this, text);
      known.set(text, [this.r, this.g, this.b, this.alpha]);
    }
    return this;
  };
})();
"""
LOOK_WITH_AXE = f"axe.run({json.dumps(AXE)}).then((found) => found.violations)"
WIDTHS = (1280, 390)
BEGUN_WITHIN, POLL = 4_000, 25  # milliseconds
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def settle(page: Page) -> None:
    """Wait until the document is there as a whole, with its scripts and style sheets."""
    page.wait_for_load_state("load")


def follow(page: Page, link: Locator) -> None:
    """Click what leads to another page, or sends a form, and wait until the answer is there as a whole.

    What moves under the pointer between its going down and up, such as a button below a note that has just said "saved",
    is not clicked. A person clicks again where nothing begins, and so does this, once.
    """
    asked: list[Request] = []

    def note(request: Request) -> None:
        if request.is_navigation_request() and request.frame == page.main_frame:
            asked.append(request)

    page.on("request", note)
    try:
        with page.expect_navigation(wait_until="load"):
            link.click()
            for _ in range(BEGUN_WITHIN // POLL):
                if asked or page.is_closed():
                    break
                page.wait_for_timeout(POLL)
            else:
                link.click()
    finally:
        page.remove_listener("request", note)


def unfold(part: Locator) -> None:
    """Open a folded part (`details`), by a second click where the first slipped off what moved; see `follow`."""
    for _ in range(2):
        part.locator("summary").first.click()
        try:
            expect(part).to_have_attribute("open", "", timeout=BEGUN_WITHIN)
        except AssertionError:
            continue
        return
    expect(part).to_have_attribute("open", "")


def speak(page: Page, language: str) -> None:
    """Change the language of the page, as a person does."""
    name = {"th": "ภาษาไทย", "en": "English"}[language]
    follow(page, page.get_by_role("button", name=name))
    expect(page.locator(f"html[lang={language}]")).to_have_count(1)


def violations_in(page: Page) -> list[tuple[str, list[str]]]:
    """What axe-core finds in the page as it stands: the rule, and up to three of the elements that break it."""
    if not page.evaluate("'axe' in window"):
        # as a script, not as a text to `eval`: the browser compiles it once, not for each page
        protocol = page.context.new_cdp_session(page)
        protocol.send("Runtime.evaluate", {"expression": AXE_SCRIPT + COLOURS_READ_ONCE})
        protocol.detach()
    found: list[dict[str, Any]] = page.evaluate(LOOK_WITH_AXE)
    return [(one["id"], [node["html"][:160] for node in one["nodes"][:3]]) for one in found]


def assert_axe_finds_nothing(page: Page) -> None:
    """Nothing for axe-core to find in the page as it stands."""
    settle(page)
    told = violations_in(page)
    assert told == [], (page.url, page.viewport_size)


def assert_fits(page: Page) -> None:
    """Nothing runs over the edge of the window."""
    settle(page)
    assert not page.evaluate(TOO_WIDE), (page.url, page.viewport_size)


def assert_sound(page: Page, *, scripts: bool = True, axe_at: tuple[int, ...] = WIDTHS) -> None:
    """Nothing for axe to find, itself a script, and nothing too wide, at both widths, in the language of the page."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        if scripts and width in axe_at:
            assert_axe_finds_nothing(page)
        assert_fits(page)
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})


def assert_sound_in_both(page: Page, *, scripts: bool = True) -> None:
    """The same in both languages; the page ends in Thai. What is narrow differs by its width, not by its language: axe
    looks at the English page once."""
    assert_sound(page, scripts=scripts)
    speak(page, "en")
    assert_sound(page, scripts=scripts, axe_at=WIDTHS[:1])
    speak(page, "th")
