"""Any draft at all: strategies for section values, as officers might leave them half done."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from app.kernel.money import decimal_baht
from app.proposals.drafts import LATER_KEYS, QUARTER_KEYS

AGENCIES = ("alpha", "beta", "gamma")

words = st.sampled_from(["", "น้ำ", "ระบบ", "ข้อมูลกลาง", "ที่ ๑", "pilot", "1,200", "จัดทำ ระบบ", "ำำ"]) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), max_size=6
)
agency = st.sampled_from(["", *AGENCIES, "unknown"])
agencies = st.lists(st.sampled_from(AGENCIES), unique=True)
amount = st.just("") | st.integers(0, 10**9).map(decimal_baht)
quantity = st.just("") | st.integers(1, 10**6).map(str)


def _record(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(fields)


link = _record(
    kind=st.sampled_from(["", "data", "system"]),
    name=words,
    direction=st.sampled_from(["", "provides", "consumes", "both"]),
    partner=agency,
    partner_other=words,
    channel=st.sampled_from(["", "gdx", "unknown"]),
)
indicator = _record(name=words, unit=words, baseline=words, target=words)
line = _record(
    agency=agency,
    category=st.sampled_from(["", "capital", "operating", "unknown"]),
    item=words,
    quantity=quantity,
    unit=words,
    unit_price=amount,
    **dict.fromkeys((*QUARTER_KEYS, *LATER_KEYS), amount),
)


def _rows(row: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(row, max_size=4)


SECTION_VALUES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "names": _record(title_th=words, title_en=words, participants=agencies),
    "plan": _record(stage=words, guideline=words, strategy=words, focus_area=words),
    "integration": _record(
        forms=st.lists(st.sampled_from(["link", "curriculum", "standard", "shared_service"]), unique=True),
        links=_rows(link),
        curriculum=words,
        curriculum_detail=words,
        standard=words,
        standard_scope=words,
        service_name=words,
        service_free=st.sampled_from(["", "yes", "no"]),
        service_all=st.booleans(),
        service_users=agencies,
    ),
    "rationale": _record(rationale=words, objectives=words, outputs=words),
    "indicators": _record(rows=_rows(indicator)),
    "budget": st.fixed_dictionaries(
        {"rows": _rows(line)}, optional={"least": amount.filter(bool), "least_scope": words.filter(bool)}
    ),
}

DRAFTS = st.fixed_dictionaries(SECTION_VALUES)
