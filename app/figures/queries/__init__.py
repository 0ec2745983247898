"""What is asked of figures. Readers name the actor, and what the actor may not know of is not found."""

from app.figures.queries.own_filings import FilingsBook, filings_book, list_chosen, one_filing
from app.figures.queries.papers import PaperView, get_paper, list_papers, read_paper
from app.figures.queries.ranking import (
    RankingBook,
    RankingPage,
    hold_still,
    ranking_book,
    ranking_page,
)

__all__ = [
    "FilingsBook",
    "PaperView",
    "RankingBook",
    "RankingPage",
    "filings_book",
    "get_paper",
    "hold_still",
    "list_chosen",
    "list_papers",
    "one_filing",
    "ranking_book",
    "ranking_page",
    "read_paper",
]
