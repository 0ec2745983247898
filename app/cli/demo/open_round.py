"""The open call of the demo: drafts, filings and reviews in every state, so that each person has something to do."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import partial

from app.calls.actions import open_call
from app.calls.queries import CallView, get_call
from app.cli.call_files import DATA, load_documents, read_toml
from app.cli.demo.dice import Dice
from app.cli.demo.open_reviews import OpenReview, set_up_round, tell_of_ties
from app.cli.demo.people import FIRST_OFFICER, SECOND_OFFICER
from app.cli.demo.replay import (
    Stage,
    Timeline,
    attach_papers,
    begin_draft,
    continue_granted,
    file_draft,
)
from app.cli.demo.revisions import WAITING, ask, revise, send_back
from app.cli.demo.round_2567 import draw_amount
from app.cli.demo.scoring import BODIES, Reviewer, Sheet, make_slots
from app.cli.demo.subjects import Subject, owner_subject, read_subjects, skill_subject, statement_subject
from app.cli.demo.together import Joint
from app.cli.demo.writing import Flaw, Idea, write_draft
from app.identity.facts import Actor
from app.kernel.clock import BANGKOK, as_utc
from app.kernel.fiscal_year import fiscal_year_of
from app.kernel.lean import dataclass
from app.kernel.work import Work
from app.proposals.drafts import Draft, empty_draft
from app.proposals.signoff import Standing

YEARS_AHEAD = 2
DAYS_SINCE_OPENING = 3
DAYS_TO_CLOSING = 7
DUE_AFTER_OPENING = timedelta(days=7, hours=16, minutes=30)


def open_demo_call(work: Work[Actor]) -> CallView:
    """Open the call two fiscal years ahead of `work.now`, its window by Bangkok midnights."""
    year = fiscal_year_of(work.now) + YEARS_AHEAD
    today = datetime.combine(work.now.astimezone(BANGKOK).date(), time(), tzinfo=BANGKOK)
    document = read_toml(DATA / "call-open.toml")
    document["name"] = {k: v.format(year=year) for k, v in document["name"].items()}
    document |= {
        "fiscal_year": year,
        "opens_at": today - timedelta(days=DAYS_SINCE_OPENING),
        "closes_at": today + timedelta(days=DAYS_TO_CLOSING),
    }
    load_documents(work)
    open_call(work, document)
    return get_call(work.session, year)


class Progress(StrEnum):
    """How far a proposal of the open call has come."""

    STARTED = "started"  # a draft with a title
    HALF = "half"  # a draft with gaps and a wrong sum
    READY = "ready"  # a complete draft
    CARRIED = "carried"  # begun from what the agency was granted in FY2567, its quarters still to be planned
    JOINT = "joint"  # a draft of several agencies, some of which have still to act
    FILED = "filed"  # filed and screened
    TWICE = "twice"  # filed, withdrawn, changed, and filed again
    ASSIGNED = "assigned"  # given to reviewers, nothing scored
    ASKED = "asked"  # given to reviewers, one of whom has asked something
    SCORING = "scoring"  # one review in, one saved, one untouched
    SCORED = "scored"  # all reviews in
    RETURNED = "returned"  # out for revision with two questions
    REFILED = "refiled"  # scored by two, returned, answered, and filed again


@dataclass(frozen=True, slots=True)
class Scene:
    """A proposal of the open call and how far it has come."""

    subject: Subject
    progress: Progress
    flaw: Flaw = Flaw.NONE
    participants: tuple[str, ...] = ()
    standings: tuple[Standing, ...] = ()  # how far each participant has come; none: all have signed

    @property
    def is_sound(self) -> bool:
        """Whether it is filed and meant to pass."""
        return self.progress not in _UNFILED and self.flaw is Flaw.NONE

    @property
    def how_far(self) -> dict[str, Standing]:
        """Participant -> how far it has come."""
        standings = self.standings or (Standing.SIGNED,) * len(self.participants)
        return dict(zip(self.participants, standings, strict=True))


def list_certified() -> list[str]:
    """The agencies of the round: the certifier of each signs something in it, or will have to."""
    return list(dict.fromkeys(code for s in list_scenes() for code in (s.subject.agency, *s.participants)))


def list_scenes() -> list[Scene]:
    """Who files what: the two named officers' proposals first, then those of others."""
    by_agency: dict[str, list[Subject]] = {}
    for subject in read_subjects():
        by_agency.setdefault(subject.agency, []).append(subject)
    first, second = by_agency[FIRST_OFFICER], by_agency[SECOND_OFFICER]
    own = Flaw.OWN_AGENCY
    scenes = [
        Scene(first[0], Progress.SCORING, participants=("rd", "sso")),
        Scene(first[1], Progress.READY, participants=("rd",)),
        Scene(skill_subject(FIRST_OFFICER), Progress.HALF),
        Scene(first[1], Progress.FILED, own),
        Scene(first[0], Progress.STARTED),
        Scene(second[0], Progress.TWICE, participants=("dnp",)),
        Scene(second[1], Progress.HALF),
        Scene(skill_subject(SECOND_OFFICER), Progress.FILED, Flaw.OTHER_CURRICULUM),
    ]
    others = [
        ("dga", 1, Progress.SCORED, Flaw.NONE),
        ("dopa", 1, Progress.SCORED, Flaw.NONE),
        ("ops-moph", 0, Progress.SCORED, Flaw.NONE),
        ("dlt", 0, Progress.SCORED, Flaw.NONE),
        ("oae", 0, Progress.SCORING, Flaw.NONE),
        ("doe", 1, Progress.SCORING, Flaw.NONE),
        ("obec", 0, Progress.SCORING, Flaw.NONE),
        ("dol", 0, Progress.ASKED, Flaw.NONE),
        ("oja", 0, Progress.ASSIGNED, Flaw.NONE),
        ("nesdc", 0, Progress.ASSIGNED, Flaw.NONE),
        ("ddpm", 0, Progress.FILED, Flaw.NONE),
        ("rd", 1, Progress.FILED, Flaw.NONE),
        ("okmd", 0, Progress.FILED, Flaw.NONE),
        ("ocpb", 0, Progress.FILED, Flaw.STATE_ENTERPRISE),
        ("depa", 0, Progress.FILED, Flaw.CHARGED),
        ("prd", 0, Progress.FILED, Flaw.TOO_FEW_USERS),
        ("pcd", 0, Progress.READY, Flaw.NONE),
        ("dsd", 0, Progress.HALF, Flaw.NONE),
        ("dla", 0, Progress.REFILED, Flaw.NONE),
    ]
    scenes += [Scene(by_agency[a][n], progress, flaw) for a, n, progress, flaw in others]
    return [
        *scenes,
        Scene(statement_subject(FIRST_OFFICER), Progress.RETURNED, participants=("rd",)),
        Scene(first[0], Progress.CARRIED),
        *_joint_scenes(by_agency),
    ]


def _joint_scenes(by_agency: dict[str, list[Subject]]) -> list[Scene]:
    """Drafts in which somebody else has to act: a participant, a partner, or a certifier of the named people."""
    invited, declined, filling = Standing.INVITED, Standing.DECLINED, Standing.FILLING
    confirmed, signed = Standing.CONFIRMED, Standing.SIGNED
    return [
        Scene(subject, Progress.JOINT, Flaw.NONE, participants, standings)
        for subject, participants, standings in (
            (
                owner_subject(FIRST_OFFICER),
                ("rd", "dol", "led", "sso"),
                (confirmed, filling, declined, invited),
            ),
            (by_agency["osmep"][0], (FIRST_OFFICER, "rd", "sso"), (invited, filling, declined)),
            (by_agency["opdc"][0], (FIRST_OFFICER, "dga"), (filling, confirmed)),
            (by_agency["rd"][0], (FIRST_OFFICER, "customs"), (confirmed, signed)),
            (by_agency["dot"][1], (SECOND_OFFICER,), (invited,)),
        )
    ]


_UNFILED = frozenset({Progress.STARTED, Progress.HALF, Progress.READY, Progress.CARRIED, Progress.JOINT})
_UNASSIGNED = _UNFILED | {Progress.FILED, Progress.TWICE}
_ALONE = frozenset({Progress.STARTED, Progress.HALF, Progress.CARRIED})


class OpenCase:
    """One scene on the stage."""

    def __init__(self, stage: Stage, call: CallView, scene: Scene, sheets: tuple[Sheet, ...], dice: Dice):
        self.stage, self.call, self.scene, self.dice = stage, call, scene, dice
        self.sheets = sheets
        # throws of its own, so that what partners answer changes nobody's scores
        luck = Dice(f"partners-{scene.subject.agency}-{scene.progress}")
        self.joint = Joint(stage, scene.subject.agency, scene.how_far, luck, is_sure=scene.is_sound)
        self.reviews = OpenReview(stage, call, scene.subject, sheets, dice)

    @property
    def proposal_id(self) -> int:
        return self.joint.proposal_id

    def begin(self, at: datetime) -> None:
        scene = self.scene
        if scene.progress is Progress.CARRIED:
            lead = scene.subject.agency
            self.joint.proposal_id = continue_granted(self.stage, self.call, lead, at)
            return
        amount = draw_amount(self.dice, scene.subject)
        idea = Idea(scene.subject, scene.participants, amount, scene.flaw, continued=True)
        draft = _as_far_as(scene.progress, write_draft(self.dice, idea))
        self.joint.proposal_id = begin_draft(self.stage, self.call, idea.lead, draft, at)
        if scene.progress not in (Progress.STARTED, Progress.HALF):
            attach_papers(self.stage, idea.lead, self.proposal_id, at)

    def file(self, at: datetime) -> None:
        file_draft(self.stage, self.scene.subject.agency, self.proposal_id, at)

    def file_again(self, at: datetime) -> None:
        file_draft(self.stage, self.scene.subject.agency, self.proposal_id, at, again=True)

    def ask(self, at: datetime) -> None:
        ask(self.stage, self.reviews.sheets[0].reviewer, self.proposal_id, WAITING, at)

    def send_back(self, at: datetime) -> None:
        due_at = as_utc(self.call.opens_at + DUE_AFTER_OPENING)
        send_back(self.stage, self.sheets[0].reviewer, self.proposal_id, due_at, at)

    def revise(self, at: datetime) -> None:
        revise(self.stage, self.scene.subject.agency, self.proposal_id, at)


def _as_far_as(progress: Progress, draft: Draft) -> Draft:
    """What has been typed so far."""
    empty = empty_draft()
    if progress is Progress.STARTED:
        return empty | {"names": empty["names"] | {"title_th": draft["names"]["title_th"]}}
    if progress is Progress.HALF:
        rows = [dict(row) for row in draft["budget"]["rows"]]
        rows[0]["q4"] = ""
        rationale = draft["rationale"] | {"outputs": ""}
        return draft | {
            "rationale": rationale,
            "indicators": empty["indicators"],
            "budget": {"rows": rows},
        }
    return draft


def play_open_round(stage: Stage, call: CallView) -> None:
    """Play every scene between the opening of the call and three days later."""
    timeline = Timeline()
    dice = Dice("open-round")
    scenes = list_scenes()
    slots = make_slots(dice, call.rubric, 2 * len(BODIES))
    turn = 0
    set_up_round(stage, call)
    for n, scene in enumerate(scenes):
        sheets: tuple[Sheet, ...] = ()
        if scene.progress not in _UNASSIGNED:
            own = {scene.subject.agency, *scene.participants}
            slot = next(
                s for s in slots[turn:] + slots if own & {b.value for b in BODIES} <= {s.without.value}
            )
            turn = (turn + 1) % len(slots)
            # the named reviewers do all of this call, so that each of them has work on the desk
            sheets = tuple(Sheet(Reviewer(s.reviewer.body, 0), s.levels) for s in slot.sheets)
        case = OpenCase(stage, call, scene, sheets, Dice(f"open-{n}"))
        begun = call.opens_at + timedelta(hours=8, minutes=20 * n)
        timeline.at(begun, case.begin)
        if scene.progress not in _ALONE:
            case.joint.plan(timeline, begun)
        if scene.progress is Progress.READY:
            timeline.at(begun + timedelta(hours=10), case.joint.want_signature)
        if scene.progress in _UNFILED:
            continue
        filed = begun + timedelta(hours=26, minutes=7 * n)
        timeline.at(filed - timedelta(minutes=50), case.joint.sign)
        timeline.at(filed, case.file)
        if scene.progress is Progress.TWICE:
            timeline.at(filed + timedelta(hours=3), case.joint.take_back)
            timeline.at(filed + timedelta(hours=5), case.joint.sign)
            timeline.at(filed + timedelta(hours=6), case.file_again)
        if sheets:
            timeline.at(call.opens_at + timedelta(hours=56, minutes=2 * n), partial(_assign, case))
            answered = call.opens_at + timedelta(hours=58, minutes=2 * n)
            case.reviews.put_on_answers(timeline, answered)
            _plan_reviews(timeline, case, call.opens_at + timedelta(hours=60, minutes=5 * n))
            _plan_questions(timeline, case, call.opens_at + timedelta(hours=64, minutes=5 * n))
    timeline.at(call.opens_at + timedelta(hours=66), partial(tell_of_ties, stage))
    timeline.run()


def _assign(case: OpenCase, at: datetime) -> None:
    case.reviews.proposal_id = case.proposal_id
    case.reviews.assign(at)


def _plan_reviews(timeline: Timeline, case: OpenCase, at: datetime) -> None:
    """All three hand in, or one hands in and one has begun, or nobody has."""
    done = {
        Progress.SCORED: (True, True, True),
        Progress.SCORING: (True, False),
        Progress.REFILED: (True, True),
    }
    for n, hand_in in enumerate(done.get(case.scene.progress, ())):
        moment = at + timedelta(minutes=40 * n)
        timeline.at(moment, partial(case.reviews.score, case.reviews.sheets[n], hand_in=hand_in))


def _plan_questions(timeline: Timeline, case: OpenCase, at: datetime) -> None:
    """What is asked, sent, and answered."""
    progress = case.scene.progress
    if progress is Progress.ASKED:
        timeline.at(at, case.ask)
    if progress in (Progress.RETURNED, Progress.REFILED):
        timeline.at(at, case.send_back)
    if progress is Progress.REFILED:
        timeline.at(at + timedelta(hours=2), case.revise)
