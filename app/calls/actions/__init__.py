"""What is done with calls: documents are loaded, calls are opened on them and go over to other versions of them,
closing moments are put off."""

from app.calls.actions.adopting import (
    DECIDED as ADOPTION_DECIDED,
)
from app.calls.actions.adopting import (
    IN_USE_ALREADY,
    NOT_ADOPTED,
    NOTHING_TO_ADOPT,
    adopt_prices,
    adopt_rubric,
    adopt_rulebook,
    adoption_problems,
)
from app.calls.actions.documents import load_document, open_call
from app.calls.actions.extending import (
    DECIDED,
    ENDED_ALREADY,
    NO_SUCH_AGENCY,
    NOT_EXTENDED,
    NOTHING_TO_EXTEND,
    end_extension,
    extend_call,
)

__all__ = [
    "ADOPTION_DECIDED",
    "DECIDED",
    "ENDED_ALREADY",
    "IN_USE_ALREADY",
    "NOTHING_TO_ADOPT",
    "NOTHING_TO_EXTEND",
    "NOT_ADOPTED",
    "NOT_EXTENDED",
    "NO_SUCH_AGENCY",
    "adopt_prices",
    "adopt_rubric",
    "adopt_rulebook",
    "adoption_problems",
    "end_extension",
    "extend_call",
    "load_document",
    "open_call",
]
