"""What every demo round of reviews needs: panels by body, what reviewers know best, and proposals given to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from app.calls.queries import CallView
from app.cli.call_files import read_toml
from app.cli.demo.dice import Dice
from app.cli.demo.people import reviewer_login
from app.cli.demo.replay import Stage
from app.cli.demo.scoring import BODIES, PER_BODY, Reviewer
from app.cli.demo.subjects import HERE
from app.identity.facts import BODY_NAMES, Body
from app.kernel.text import Text
from app.reviews.actions import Seat, assign_seats, judge_interests
from app.reviews.actions.panels import PanelFacts, ProfileFacts, make_panel, set_profile
from app.reviews.conflicts import Ground, Verdict
from app.reviews.models import Assignment
from app.reviews.queries import read_interests


@lru_cache(maxsize=1)
def review_words() -> dict[str, Any]:
    """What people write in a round of reviews."""
    return read_toml(HERE / "reviews.toml")


def login_of(reviewer: Reviewer) -> str:
    return reviewer_login(reviewer.body.value, reviewer.number)


def give(
    stage: Stage,
    call: CallView,
    wanted: Sequence[tuple[int, Reviewer]],
    panels: Mapping[Body, int],
    at: datetime,
) -> list[Assignment]:
    """The secretariat judges what interests the registers show, and gives proposals (ids) to reviewers, in this order."""
    pairs = [
        (proposal_id, stage.people[login_of(reviewer)], reviewer.body) for proposal_id, reviewer in wanted
    ]
    interests = read_interests(stage.work.session, {p for p, _, _ in pairs}, {u for _, u, _ in pairs})
    work = stage.by("secretariat", at)
    for proposal_id, user_id, _ in pairs:
        standing = interests.standing(proposal_id, user_id)
        if standing.verdict is Verdict.ASKED:
            link = any(g.ground is Ground.LINK for g in standing.grounds)
            reason = review_words()["round"]["interest"][int(link)]
            judge_interests(work, proposal_id, user_id, is_conflict=False, reason=reason)
    return assign_seats(work, call.id, [Seat(p, u, panels.get(body)) for p, u, body in pairs])


def set_up_panels(stage: Stage, call: CallView, at: datetime) -> dict[Body, int]:
    """A panel for each body, of its reviewers; body -> id."""
    work, made = stage.by("secretariat", at), {}
    for body in BODIES:
        name = BODY_NAMES[body]
        members = tuple(stage.people[reviewer_login(body.value, number)] for number in range(PER_BODY))
        wanted = PanelFacts(
            Text(f"คณะพิจารณา {name.th}", f"Panel of {name.en}"), body.value, "", seats=1, members=members
        )
        made[body] = make_panel(work, call.id, wanted)
    return made


def set_up_expertise(stage: Stage, call: CallView, at: datetime) -> None:
    """Each reviewer knows two guidelines and some focus areas best."""
    guidelines = [choice.code for choice in call.plan.guidelines]
    areas = [choice.code for choice in call.plan.focus_areas]
    work = stage.by("secretariat", at)
    for body in BODIES:
        for number in range(PER_BODY):
            dice = Dice(f"expertise-{body.value}-{number}")
            knows = ProfileFacts(None, dice.some(guidelines, 2), dice.some(areas, dice.between(2, 4)))
            set_profile(work, call.id, stage.people[reviewer_login(body.value, number)], knows, "")
