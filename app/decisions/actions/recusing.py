"""Who takes no part in what: judged from the registers and people's words, and asked for by members themselves."""

from __future__ import annotations

from sqlalchemy import delete, select

from app.decisions.actions.holding import hold_meeting
from app.decisions.facts import DECIDING, OWN_WORD
from app.decisions.models import Meeting, MeetingMember, Recusal
from app.decisions.states import OPEN
from app.identity.facts import Actor
from app.identity.rules import Permission, may, require
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.models import Proposal
from app.proposals.states import RANKED_STATES
from app.reviews.queries.conflicts import read_interests

REASON_NEEDED = Text("กรุณาให้เหตุผลที่ไม่ร่วมพิจารณา", "Give the reason for not taking part")
NO_SUCH_MEMBER = Text("กรุณาเลือกประธานหรือกรรมการที่เชิญประชุม", "Choose the chair or a member of the meeting")
NOT_ONESELF = Text(
    "ท่านแจ้งแทนผู้อื่นไม่ได้ ฝ่ายเลขานุการเป็นผู้บันทึกให้", "Only the secretariat records this for somebody else"
)
GONE = Text("คำขอนี้ถอนไปแล้ว", "This was taken back already")
NO_SUCH_PROPOSAL = Text(
    "ไม่มีข้อเสนอเลขที่นี้ในบัญชีจัดลำดับของรอบ", "No proposal of this number is on the call's ranked list"
)
ALREADY_RECUSED = Text("ผู้นี้ไม่ร่วมพิจารณาข้อเสนอนี้อยู่แล้ว", "This member takes no part in it already")
STILL_TIED = Text(
    "ยกเลิกไม่ได้ เพราะระบบอนุมานจากทะเบียนหรือคำแจ้ง หากวินิจฉัยแล้วว่าไม่ทับซ้อน ให้ตรวจผลประโยชน์ใหม่",
    "It cannot be taken back: it follows from the registers or a declaration. Once judged not to be a conflict, look for "
    "conflicts again",
)


def judge_interests(work: Work[Actor], meeting: Meeting) -> int:
    """Judge the chair and every member with an account against every ranked proposal; returns how many recusals stand.

    What is inferred is written anew: a conflict judged away since is let go. What members asked for stays. Somebody of
    whom a word is still wanted takes no part either, as when a decision is recorded.
    """
    members = work.session.scalars(
        select(MeetingMember)
        .where(MeetingMember.meeting_id == meeting.id)
        .order_by(MeetingMember.position, MeetingMember.id)
    ).all()
    ids = [m.id for m in members] or [-1]
    kept = work.session.scalars(select(Recusal).where(Recusal.member_id.in_(ids))).all()
    known = {(r.member_id, r.proposal_id): r for r in kept}
    judged = {
        m.user_id: m for m in members if m.user_id is not None and m.role in {d.value for d in DECIDING}
    }
    ranked = list(
        work.session.scalars(
            select(Proposal.id)
            .where(Proposal.call_id == meeting.call_id, Proposal.state.in_(RANKED_STATES))
            .order_by(Proposal.id)
        )
    )
    found: dict[tuple[int, int], str] = {}
    if judged and ranked:
        interests = read_interests(work.session, ranked, list(judged))
        for proposal_id, user_id in sorted(interests.tied_pairs()):
            decisive = interests.standing_at_meeting(proposal_id, user_id).decisive
            if decisive is not None:
                found[judged[user_id].id, proposal_id] = decisive.ground.value
    for pair, recusal in known.items():
        if recusal.ground == OWN_WORD:
            continue
        if pair in found:
            recusal.ground = found[pair]
        else:
            work.session.delete(recusal)
    for (member_id, proposal_id), ground in found.items():
        if (member_id, proposal_id) not in known:
            work.session.add(
                Recusal(
                    member_id=member_id,
                    proposal_id=proposal_id,
                    ground=ground,
                    at=work.now,
                    by=work.actor.id,
                )
            )
    work.session.flush()
    return len(found.keys() | {pair for pair, r in known.items() if r.ground == OWN_WORD})


def judge_again(work: Work[Actor], meeting_id: int) -> int:
    """Look for conflicts again in an open meeting; returns how many recusals stand. Raises `Refused` before it opens."""
    require(work.actor, Permission.MANAGE_MEETING)
    meeting = hold_meeting(work, meeting_id, None, {OPEN})
    number = judge_interests(work, meeting)
    work.audit("judge_meeting_interests", f"meeting:{meeting_id}", detail={"recused": number})
    return number


def recuse_member(work: Work[Actor], meeting_id: int, member_id: int, number: str, reason: str) -> Recusal:
    """A member takes no part in the proposal of this number, by their own word: said themselves, or told to the
    secretariat. Raises `NotFound`, `Refused` with every problem."""
    require(work.actor, Permission.READ_PORTFOLIO)
    meeting = hold_meeting(work, meeting_id, None)
    member = work.session.get(MeetingMember, member_id)
    speaks = may(work.actor, Permission.MANAGE_MEETING) or (
        member is not None and member.user_id is not None and member.user_id == work.actor.id
    )
    problems = []
    if member is None or member.meeting_id != meeting_id or member.role not in {d.value for d in DECIDING}:
        problems.append(Problem("recusal-member", NO_SUCH_MEMBER))
    elif not speaks:
        problems.append(Problem("recusal-member", NOT_ONESELF))
    proposal_id = work.session.scalar(
        select(Proposal.id).where(
            Proposal.call_id == meeting.call_id,
            Proposal.number == number.strip(),
            Proposal.state.in_(RANKED_STATES),
        )
    )
    if proposal_id is None:
        problems.append(Problem("recusal-number", NO_SUCH_PROPOSAL))
    if not reason.strip():
        problems.append(Problem("recusal-reason", REASON_NEEDED))
    if problems or proposal_id is None:
        raise Refused(problems[0].text, problems)
    known = work.session.scalar(
        select(Recusal.id).where(Recusal.member_id == member_id, Recusal.proposal_id == proposal_id)
    )
    if known is not None:
        raise Refused(ALREADY_RECUSED, [Problem("recusal-number", ALREADY_RECUSED)])
    recusal = Recusal(
        member_id=member_id,
        proposal_id=proposal_id,
        ground=OWN_WORD,
        note=reason.strip(),
        at=work.now,
        by=work.actor.id,
    )
    work.session.add(recusal)
    work.session.flush()
    work.audit(
        "recuse_member",
        f"meeting:{meeting_id}",
        detail={"member": member_id, "proposal": proposal_id, "reason": recusal.note},
    )
    return recusal


def take_back_recusal(work: Work[Actor], meeting_id: int, recusal_id: int) -> None:
    """Take a member's own word back. Raises `Refused` for what was inferred or is gone, `NotFound`, `Forbidden`."""
    require(work.actor, Permission.MANAGE_MEETING)
    hold_meeting(work, meeting_id, None)
    recusal = work.session.scalars(
        select(Recusal)
        .join(MeetingMember, MeetingMember.id == Recusal.member_id)
        .where(Recusal.id == recusal_id, MeetingMember.meeting_id == meeting_id)
    ).first()
    if recusal is None:
        raise Refused(GONE)
    if recusal.ground != OWN_WORD:
        raise Refused(STILL_TIED)
    work.session.execute(delete(Recusal).where(Recusal.id == recusal_id))
    work.audit(
        "take_back_recusal",
        f"meeting:{meeting_id}",
        detail={"member": recusal.member_id, "proposal": recusal.proposal_id},
    )
