"""Small pieces of HTML made once and used a thousand times: state tags, stage tags, the options of long lists."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from flask import Flask
from markupsafe import Markup, escape

from app.identity.facts import PERSON_STATES
from app.kernel.findings import Outcome
from app.kernel.text import Text
from app.notices.facts import MAIL_STATES, MailState
from app.proposals.states import STATES
from app.web.language import language

# How a tag looks: its colour and its icon. The word always stands beside.
_STATE_KINDS = {
    "draft": "draft",
    "submitted": "sent",
    "passed": "good",
    "questioned": "warn",
    "failed": "bad",
    "returned": "warn",
    "approved": "good",
    "conditional": "warn",
    "deferred": "wait",
    "rejected": "bad",
    "recorded": "sent",
}
_OUTCOMES = {
    Outcome.PASSES: ("good", Text("ผ่าน", "Passes")),
    Outcome.NEEDS_PERSON: ("warn", Text("ต้องมีเจ้าหน้าที่พิจารณา", "Needs a person")),
    Outcome.FAILS: ("bad", Text("ไม่ผ่าน", "Fails")),
}
OUTCOME_NAMES = {outcome: words for outcome, (_, words) in _OUTCOMES.items()}

_PERSONS = {
    "active": ("good", PERSON_STATES["active"]),
    "invited": ("wait", PERSON_STATES["invited"]),
    "disabled": ("bad", PERSON_STATES["disabled"]),
}
_MAILS = {
    MailState.WAITING: "wait",
    MailState.SENT: "sent",
    MailState.FAILED: "bad",
    MailState.UNWANTED: "plain",
}


@lru_cache(maxsize=2048)
def _tag(kind: str, words: str) -> Markup:
    return Markup('<span class="tag tag-{}">{}</span>').format(kind, words)


def tag(kind: str, words: Text | str) -> Markup:
    """A word with an icon. `kind`: good, warn, bad, wait, sent, draft, or plain (no icon)."""
    return _tag(kind, words.say(language()) if isinstance(words, Text) else words)


def state_tag(state: str) -> Markup:
    """The state of a proposal."""
    return _tag(_STATE_KINDS[state], STATES[state].say(language()))


def outcome_tag(outcome: str) -> Markup:
    """What a rule concludes."""
    kind, words = _OUTCOMES[Outcome(outcome)]
    return _tag(kind, words.say(language()))


def stage_tag(code: str, name: Text | str) -> Markup:
    """A stage in its water: pale upstream, middle midstream, deep downstream."""
    return _tag(f"plain water-{code}", name.say(language()) if isinstance(name, Text) else name)


def person_tag(state: str) -> Markup:
    """The state of a person's account."""
    kind, words = _PERSONS[state]
    return _tag(kind, words.say(language()))


def mail_tag(state: MailState) -> Markup:
    """How far an e-mail is."""
    return _tag(_MAILS[state], MAIL_STATES[state].say(language()))


class Options:
    """The `<option>`s of a list, written once per language; choosing one is a single replacement.

    Make it once per version of the list, not per row: a page of 20 rows with 300 agencies each is then cheap.
    """

    def __init__(self, pairs: Iterable[tuple[str, Text]]):
        self._pairs = tuple(pairs)
        self._written: dict[str, str] = {}

    def html(self, chosen: str | int | None = "") -> Markup:
        """All options, with `chosen` selected."""
        code = language()
        if code not in self._written:
            self._written[code] = "".join(
                f'<option value="{escape(value)}">{escape(words.say(code))}</option>'
                for value, words in self._pairs
            )
        html = self._written[code]
        if chosen not in ("", None):
            value = f'value="{escape(chosen)}"'
            html = html.replace(value, value + " selected", 1)
        return Markup(html)  # noqa: S704 - every value and word in it was escaped above


def register(app: Flask) -> None:
    """Give the tags to every template."""
    app.jinja_env.globals.update(
        tag=tag,
        mail_tag=mail_tag,
        person_tag=person_tag,
        state_tag=state_tag,
        outcome_tag=outcome_tag,
        stage_tag=stage_tag,
    )
