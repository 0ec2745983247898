"""What is to be discussed: the proposals of a call on which reviewers differ most, each with how far its thread is."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.identity.facts import Actor
from app.identity.models import Agency
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.thai_text import search_key
from app.proposals.models import Proposal
from app.proposals.states import DRAFT
from app.reviews.queries.calibration import DiscordantRow, list_discordant
from app.reviews.queries.thread_states import list_threads
from app.reviews.threads import QUIET, ThreadState

# the thread of a line: nothing recorded, something recorded, a reviewer waits for an answer, final scores are awaited;
# besides these the codes of `threads.Conclusion`
NO_OUTCOME, WITH_OUTCOME, UNANSWERED, FINALS = "none", "recorded", "unanswered", "finals"
FLAGGED, WITHIN = "flagged", "within"


@dataclass(frozen=True, slots=True)
class DiscussionEntry:
    """One line of the queue. `found` is None where fewer than two reviews count (any more)."""

    proposal_id: int
    number: str
    title: Text
    agency: Text
    found: DiscordantRow | None
    thread: ThreadState

    @property
    def is_flagged(self) -> bool:
        """Whether the spread exceeds what the panel's own noise explains."""
        return self.found is not None and self.found.is_flagged

    def fits(self, spread: str, thread: str, key: str) -> bool:
        """Whether it is what a filter wants; empty wants everything. `key` is a search key."""
        if spread and self.is_flagged != (spread == FLAGGED):
            return False
        state = self.thread
        wanted = {
            NO_OUTCOME: state.conclusion is None,
            WITH_OUTCOME: state.conclusion is not None,
            UNANSWERED: state.is_unanswered,
            FINALS: state.awaits_finals,
        }
        if thread and not wanted.get(thread, state.conclusion == thread):
            return False
        if not key:
            return True
        words = (self.number, self.title.th, self.title.en, self.agency.th, self.agency.en)
        return any(key in search_key(word) for word in words)


def list_discussions(session: Session, actor: Actor, call: CallView) -> list[DiscussionEntry]:
    """The queue of a call for the secretariat: flagged proposals first, the least probable spread before all; then the
    others with two reviews or more; last those that are talked about though fewer reviews count by now. At most six
    queries."""
    threads = list_threads(session, actor, call.id)
    entries = [
        DiscussionEntry(r.proposal_id, r.number, r.title, r.agency, r, threads.pop(r.proposal_id, QUIET))
        for r in list_discordant(session, actor, call)
    ]
    entries.sort(key=lambda e: not e.is_flagged)  # stable: the order of discordance stays
    rest = session.execute(
        select(
            Proposal.id,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Agency.name_th,
            Agency.name_en,
        )
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .where(Proposal.id.in_(threads or [-1]), Proposal.state != DRAFT)
        .order_by(Proposal.number)
    )
    return entries + [
        DiscussionEntry(
            r.id, r.number, Text(r.title_th, r.title_en), Text(r.name_th, r.name_en), None, threads[r.id]
        )
        for r in rest
    ]
