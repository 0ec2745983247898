"""What the committee's charts are drawn from."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.figures.facts import Basis, CategoryRow
from app.figures.queries.ranking import RankingPage, budget_rows, ranking_page
from app.figures.rules import add_up_categories, amount_of
from app.identity.facts import Actor
from app.kernel.lean import dataclass
from app.portfolio.queries.certainty import CertaintyView, read_certainty


@dataclass(frozen=True, slots=True)
class ChartFigures:
    """The list with its sums, budget lines by category and quarter, what the counted projects commit to in this year and
    the four after (satang), and how sure the list is; None where there are no scores at all."""

    page: RankingPage
    categories: tuple[CategoryRow, ...]
    years: tuple[int, int, int, int, int]
    certainty: CertaintyView | None


def chart_figures(session: Session, actor: Actor, call: CallView) -> ChartFigures:
    """The figures of a call's charts; at most nine queries. Raises `Forbidden` without READ_PORTFOLIO and READ_REVIEWS."""
    page = ranking_page(session, actor, call)
    amounts = {b.line.entry.proposal_id: amount_of(b, page.basis) for b in page.lines}
    counted = page.counted
    rows = list(budget_rows(session, call.id, amounts.keys(), counted))
    inside = [row for row in rows if row.proposal_id in counted]
    later = [sum(row.later[n] for row in inside) for n in range(4)]
    scored = page.basis is not Basis.RECORDED and any(b.line.rank is not None for b in page.lines)
    return ChartFigures(
        page=page,
        categories=add_up_categories(rows, call.plan.categories),
        years=(page.headline.total, later[0], later[1], later[2], later[3]),
        certainty=read_certainty(session, actor, call, page.allocation) if scored else None,
    )
