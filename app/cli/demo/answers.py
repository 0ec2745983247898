"""What partners said of the links of FY2567: most confirm, some before the filing and some after; a few decline, and a
few never answer. Everything follows from the seed, so that the integration graph always has the same to show."""

from __future__ import annotations

from datetime import datetime

from app.cli.demo.dice import Dice
from app.cli.demo.people import FIRST_OFFICER, SECOND_OFFICER, officer_login
from app.cli.demo.replay import Stage
from app.cli.demo.subjects import agency_names
from app.cli.demo.together import CONFIRMED, REFUSED
from app.proposals.actions import answer_link, ask_partners
from app.proposals.queries import list_link_answers

# of a hundred: leads that ask where nothing depends on it, answers that come, those given before the filing, and yes
ASKING, ANSWERING, EARLY, CONFIRMING = 70, 86, 55, 93
# it answered nobody while its maps were being redrawn: what others need of it, nobody offers
SILENT = frozenset({"dpt"})
# the named officers find nothing left to answer of a call that is long past
PUNCTUAL = frozenset({FIRST_OFFICER, SECOND_OFFICER})


def ask_2567(stage: Stage, lead: str, proposal_id: int, at: datetime, *, counts: bool) -> None:
    """The lead puts its links to the partners they name; whose integration is a service of its own may forget.
    `counts` says that the links are all its integration."""
    if counts or Dice(f"asks-{lead}-{proposal_id}").chance(ASKING):
        ask_partners(stage.by(officer_login(lead), at), proposal_id)


def answer_2567(stage: Stage, proposal_id: int, at: datetime, *, early: bool, counts: bool) -> None:
    """The partners answer that do so before the filing, or those that take longer. Where the links count, one partner
    at least confirms before the filing."""
    codes = {stage.agency_id(code): code for code in agency_names()}
    waiting = [
        asked
        for asked in list_link_answers(stage.work.session, proposal_id)
        if asked.is_waiting and officer_login(codes[asked.partner_id]) in stage.people
    ]
    needed = early and counts
    for asked in waiting:
        code, dice = codes[asked.partner_id], Dice(f"answers-{asked.number}-{asked.partner_id}-{asked.id}")
        comes = code not in SILENT and (dice.chance(ANSWERING) or needed or code in PUNCTUAL)
        if comes and (needed or dice.chance(EARLY) is early):
            confirms = needed or dice.chance(CONFIRMING)
            needed = False
            answer_link(
                stage.by(officer_login(code), at),
                asked.id,
                confirms=confirms,
                own_money=dice.chance(15) if confirms else None,
                note=(CONFIRMED if dice.chance(30) else "") if confirms else REFUSED,
            )
