"""Problems of a whole proposal, at home: in the form of the agency that has to mend them."""

from __future__ import annotations

from collections.abc import Mapping

from app.kernel.findings import Problem
from app.kernel.text import Text
from app.proposals.drafts import Draft, Part, home_of


def at_home(problem: Problem, draft: Draft, parts: Mapping[str, Part]) -> tuple[str, Problem]:
    """Whose form a problem is mended in ("" for the lead's), and the problem as that form knows it: at its own place,
    and its row by its own number, since in the whole proposal a participant's rows are counted after the lead's."""
    home = home_of(problem.place, draft, parts)
    if not home.agency:
        return "", Problem(home.place, problem.text, problem.section)
    whole, own = (place.split("-")[1] for place in (problem.place, home.place))
    text = Text(
        problem.text.th.replace(f"ที่ {whole}:", f"ที่ {own}:", 1),
        problem.text.en.replace(f" {whole}:", f" {own}:", 1),
    )
    return home.agency, Problem(home.place, text, home.section)
