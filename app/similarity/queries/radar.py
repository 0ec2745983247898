"""The radar: every filing that counts, ready to be searched, and what a proposal resembles among them."""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.calls.queries import get_call_by_id
from app.kernel.lean import dataclass
from app.proposals.freezing import facts_from_json
from app.proposals.models import Proposal, Submission
from app.proposals.queries import agency_directory, draft_facts, latest_submission, read_draft
from app.proposals.states import DRAFT
from app.similarity.content import comparable_sha256
from app.similarity.facts import Commonness, Comparable, Comparison
from app.similarity.models import OverlapPair
from app.similarity.rules import (
    COUNTED,
    NOTHING_COMMON,
    WORKING_THRESHOLD,
    commonness_of,
    compare,
    method,
    said_by,
)
from app.similarity.texts import comparable_of, search_text_of

if TYPE_CHECKING:
    from app.similarity.search import Index

log = logging.getLogger(__name__)

CANDIDATES = 20  # of one filing, by its text; the comparison has the last word on each
_AT_ONCE = 500
_KEPT_READY = 2000  # filings parsed for comparing


@dataclass(frozen=True, slots=True)
class Standing:
    """A filing that counts."""

    proposal_id: int
    call_id: int
    fiscal_year: int
    sha256: str


@dataclass(frozen=True, slots=True)
class FoundPair:
    """Two filings and what they share; the left side is the later one: of the later year, or filed later."""

    later_id: int
    earlier_id: int
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Found:
    """What comparing some filings found: `pairs` from the working threshold on. `gone` are pairs (later, earlier) that
    were kept and no longer reach it. `against` counts the filings each was compared with."""

    filings: tuple[int, ...]
    against: int
    method: str
    pairs: tuple[FoundPair, ...]
    gone: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class FoundForDraft:
    """What a draft resembles, (submission, comparison), best first; `sha256` is what of the draft was compared."""

    against: int
    method: str
    sha256: str
    pairs: tuple[tuple[int, Comparison], ...]


class Radar:
    """The filings that count, as they were when last looked at, and the index built from them.

    It may be kept between looks: what was filed, filed again or taken back meanwhile is brought in, by whatever
    process it was done. Not for two threads at once.
    """

    def __init__(self) -> None:
        self._standing: dict[int, Standing] = {}
        self._index: Index | None = None
        self._common: Commonness = NOTHING_COMMON
        self._ready: OrderedDict[int, Comparable] = OrderedDict()

    def __len__(self) -> int:
        return len(self._standing)

    def look(self, session: Session, *, anew: bool = False) -> None:
        """Bring it up to date; `anew` weighs all words afresh, however little has changed."""
        now = _list_standing(session)
        gone = [key for key, one in self._standing.items() if now.get(key) != one]
        new = [key for key, one in now.items() if self._standing.get(key) != one]
        for key in gone:
            self._ready.pop(key, None)
        self._standing = now
        if self._index is not None and not anew:
            for key in gone:
                self._index.discard(key)
            if not self._index.is_due_after(len(new)):
                for _, one in self._read(session, new):
                    self._index.add(search_text_of(one))
                return
        self._build(session)

    def _build(self, session: Session) -> None:
        from app.similarity.search import Index  # imported late: only the runner pays for numpy and scipy

        # of all years alike: a filing in so many
        step = max(1, -(-len(self._standing) // COUNTED))
        sample: list[tuple[str, list[str]]] = []

        def pass_by() -> Iterator[Comparable]:
            for n, (_, one) in enumerate(self._read(session, None)):
                if n % step == 0:
                    sample.append(said_by(one))
                yield one

        self._index = Index.build(search_text_of(one) for one in pass_by())
        names = [a.name for a in agency_directory(session).values()]
        self._common = commonness_of(sample, [said for name in names for said in (name.th, name.en)])
        log.info("the overlap radar holds %s filings", len(self._index))

    def find(self, session: Session, submission_id: int) -> Found | None:
        """Compare a filing with all others; None for one that no longer counts, or is unknown."""
        self.look(session)
        if submission_id not in self._standing or self._index is None:
            return None
        one = self._get(session, [submission_id])[submission_id]
        candidates = {c.key for c in self._index.against(search_text_of(one), top=CANDIDATES)}
        known = self._known(session, [submission_id])
        pairs = {self._ordered(submission_id, key) for key in candidates} | known
        return self._compare(session, [submission_id], pairs, known)

    def find_call(self, session: Session, call_id: int) -> Found:
        """Compare all filings of a call with all others, however often they were compared before."""
        self.look(session, anew=True)
        assert self._index is not None
        own = [key for key, one in self._standing.items() if one.call_id == call_id]
        wanted = set(own)
        known = self._known(session, own)
        candidates = {
            self._ordered(pair.low, pair.high)
            for pair in self._index.all_pairs(top=CANDIDATES)
            if pair.low in wanted or pair.high in wanted
        }
        return self._compare(session, own, candidates | known, known)

    def find_draft(self, session: Session, proposal_id: int) -> FoundForDraft:
        """Compare a draft with all filings but its own earlier ones. Raises `NotFound`."""
        self.look(session)
        assert self._index is not None
        view = read_draft(session, proposal_id)
        facts = draft_facts(session, view, get_call_by_id(session, view.call_id), agency_directory(session))
        draft = comparable_of(facts, 0)
        own = [key for key, one in self._standing.items() if one.proposal_id == proposal_id]
        candidates = [c.key for c in self._index.against(search_text_of(draft), own, top=CANDIDATES)]
        others = self._get(session, candidates)
        compared = [(key, compare(draft, others[key], self._common)) for key in candidates]
        enough = [(key, one) for key, one in compared if one.score >= WORKING_THRESHOLD]
        return FoundForDraft(
            len(self) - len(own),
            method(),
            comparable_sha256(draft),
            tuple(sorted(enough, key=lambda pair: (-pair[1].score, pair[0]))),
        )

    def _compare(
        self,
        session: Session,
        filings: Sequence[int],
        pairs: Collection[tuple[int, int]],
        known: Collection[tuple[int, int]],
    ) -> Found:
        found = []
        ordered = sorted(pairs)
        for start in range(0, len(ordered), _AT_ONCE):
            some = ordered[start : start + _AT_ONCE]
            ready = self._get(session, {key for pair in some for key in pair})
            for later, earlier in some:
                comparison = compare(ready[later], ready[earlier], self._common)
                if comparison.score >= WORKING_THRESHOLD:
                    found.append(FoundPair(later, earlier, comparison))
        reached = {(pair.later_id, pair.earlier_id) for pair in found}
        gone = tuple(pair for pair in sorted(known) if pair not in reached)
        return Found(tuple(sorted(filings)), max(len(self) - 1, 0), method(), tuple(found), gone)

    def _ordered(self, one: int, other: int) -> tuple[int, int]:
        """Later, earlier."""
        first, last = sorted((one, other), key=lambda key: (self._standing[key].fiscal_year, key))
        return last, first

    def _known(self, session: Session, filings: Sequence[int]) -> set[tuple[int, int]]:
        """The pairs kept of these filings with others that still count."""
        found: set[tuple[int, int]] = set()
        for start in range(0, len(filings), _AT_ONCE):
            some = filings[start : start + _AT_ONCE]
            rows = session.execute(
                select(OverlapPair.later_id, OverlapPair.earlier_id).where(
                    or_(OverlapPair.later_id.in_(some), OverlapPair.earlier_id.in_(some))
                )
            )
            found |= {(r.later_id, r.earlier_id) for r in rows}
        return {pair for pair in found if pair[0] in self._standing and pair[1] in self._standing}

    def _get(self, session: Session, keys: Iterable[int]) -> Mapping[int, Comparable]:
        wanted = set(keys)
        for key, one in self._read(session, [key for key in sorted(wanted) if key not in self._ready]):
            self._ready[key] = one
        ready = {key: self._ready[key] for key in wanted}
        for key in wanted:
            self._ready.move_to_end(key)
        while len(self._ready) > _KEPT_READY:
            self._ready.popitem(last=False)
        return ready

    def _read(self, session: Session, keys: Sequence[int] | None) -> Iterator[tuple[int, Comparable]]:
        """Filings by id, parsed one by one; None for all that count."""
        chosen = select(Submission.id, Submission.content).order_by(Submission.id)
        if keys is None:
            rows = session.execute(
                latest_submission()
                .with_only_columns(Submission.id, Submission.content)
                .where(Proposal.state != DRAFT)
                .order_by(Submission.id)
                .execution_options(yield_per=_AT_ONCE)
            )
            for key, content in rows:
                if key in self._standing:
                    yield key, comparable_of(facts_from_json(json.loads(content)), key)
            return
        for start in range(0, len(keys), _AT_ONCE):
            for key, content in session.execute(
                chosen.where(Submission.id.in_(keys[start : start + _AT_ONCE]))
            ):
                yield key, comparable_of(facts_from_json(json.loads(content)), key)


def _list_standing(session: Session) -> dict[int, Standing]:
    rows = session.execute(
        latest_submission()
        .with_only_columns(
            Submission.id, Submission.proposal_id, Submission.sha256, Proposal.call_id, Call.fiscal_year
        )
        .join(Call, Call.id == Proposal.call_id)
        .where(Proposal.state != DRAFT)
        .order_by(Submission.id)
    )
    return {r.id: Standing(r.proposal_id, r.call_id, r.fiscal_year, r.sha256) for r in rows}
