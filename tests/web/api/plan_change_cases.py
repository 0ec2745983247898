"""Changes of a plan as the page and as a system send them: the same, and with the same things wrong."""

from __future__ import annotations

from typing import Any

REASON = "ปรับรอบการจ่ายเงินตามสัญญาที่ลงนามแล้วกับผู้รับจ้าง"
CAPITAL = {"agency": "alpha", "category": "capital"}
MONTHS = ["0.00", "0.00", "1000001.00", *["0.00"] * 9]


def body(kind: str, /, **more: Any) -> dict[str, Any]:
    how = {"plan_version": 1, "reason": REASON, "send": True, "seen_version": None}
    return {"kind": kind, **how, **more}


def milestone(n: int, title: str, weight: int, day: str, agency: str = "alpha") -> dict[str, str]:
    """As the page sends one; the day in A.D. becomes B.E."""
    year, month, of = day.split("-")
    at = f"milestone-{n}"
    when = {f"{at}-due_on-day": of, f"{at}-due_on-month": month, f"{at}-due_on-year": str(int(year) + 543)}
    return {f"{at}-title": title, f"{at}-agency": agency, f"{at}-weight": str(weight), **when}


def sent_milestone(title: str, weight: int, day: str, agency: str = "alpha") -> dict[str, Any]:
    return {"position": None, "agency": agency, "title": title, "due_on": day, "weight": weight}


ENDS = {"ends_on-day": "30", "ends_on-month": "11", "ends_on-year": "2569"}
# kind of change, what the page sends, what a system sends
SAME: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    (
        "detail",
        {
            **{f"spending-1-m{m}": amount for m, amount in enumerate(MONTHS, 1)},
            **milestone(1, "ลงนามสัญญา", 40, "2025-12-31"),
            **milestone(2, "ตรวจรับ  งาน", 60, "2026-09-30", "beta"),
            "indicator-1-q2": "๒.๐",
            "indicator-1-q4": "5",
        },
        {
            "spending": [{**CAPITAL, "months": MONTHS}],
            "milestones": [
                sent_milestone("ลงนามสัญญา", 40, "2025-12-31"),
                sent_milestone("ตรวจรับ  งาน", 60, "2026-09-30", "beta"),
            ],
            "indicators": [{"position": 1, "quarters": ["", "๒.๐", "", "5"]}],
        },
    ),
    (
        "transfer",
        {
            "line-1": "900,000.50",
            "new-1-agency": "alpha",
            "new-1-category": "operations",
            "new-1-item": "สิทธิการใช้งาน",
            "new-1-amount": "100,000.50",
        },
        {
            "lines": [{"position": 1, "amount": "900000.50"}],
            "new_lines": [
                {
                    "agency": "alpha",
                    "category": "operations",
                    "item": "สิทธิการใช้งาน",
                    "amount": "100000.50",
                }
            ],
        },
    ),
    (
        "agencies",
        {"line-1": "1,000,000.00", "line-2": "2,501.50"},
        {"lines": [{"position": 2, "amount": "2501.50"}, {"position": 1, "amount": "1000000.00"}]},
    ),
    ("extension", ENDS, {"ends_on": "2026-11-30"}),
    ("scope", {"line-1": "500,000.00"}, {"lines": [{"position": 1, "amount": "500000.00"}]}),
    (
        "carry_over",
        {"carry-1": "100,000.00", "until": "14"},
        {"carried": [{**CAPITAL, "amount": "100000.00"}], "carried_until": 14},
    ),
    ("cancellation", {}, {}),
]


WRONG: list[tuple[str, dict[str, str], dict[str, Any], set[str]]] = [
    ("detail", {}, {}, {""}),
    (
        "detail",
        {
            **{f"spending-1-m{m}": "" for m in range(2, 13)},
            "spending-1-m1": "1",
            **milestone(1, "ลงนามสัญญา", 40, "2025-12-31"),
            **milestone(2, "ตรวจรับงาน", 40, "2027-09-30"),
            "indicator-2-q3": "สี่",
        },
        {
            "spending": [{**CAPITAL, "months": ["1.00", *["0.00"] * 11]}],
            "milestones": [
                sent_milestone("ลงนามสัญญา", 40, "2025-12-31"),
                sent_milestone("ตรวจรับงาน", 40, "2027-09-30"),
            ],
            "indicators": [{"position": 2, "quarters": ["", "", "สี่", "3"]}],
            "reason": "สั้น",
        },
        {
            "/spending/0/months",
            "/milestones/0/weight",
            "/milestones/1/due_on",
            "/indicators/0/quarters/2",
            "/reason",
        },
    ),
    (
        "transfer",
        {"line-1": "900,000.00"},
        {"lines": [{"position": 1, "amount": "900000.00"}], "reason": ""},
        {"/lines", "/reason"},
    ),
    (
        "transfer",
        {
            "line-1": "5",
            "new-1-agency": "gamma",
            "new-1-category": "gold",
            "new-1-item": "ทองคำ",
            "new-1-amount": "5",
        },
        {
            "lines": [{"position": 1, "amount": "5.00"}],
            "new_lines": [{"agency": "gamma", "category": "gold", "item": "ทองคำ", "amount": "5.00"}],
        },
        {"/new_lines/0/agency", "/new_lines/0/category"},
    ),
    (
        "scope",
        {**milestone(1, "ลงนามสัญญา", 100, "2025-12-31", "gamma"), "line-1": "2,000,000"},
        {
            "lines": [{"position": 1, "amount": "2000000.00"}],
            "milestones": [sent_milestone("ลงนามสัญญา", 100, "2025-12-31", "gamma")],
            "reason": "สั้น",
        },
        {"/milestones/0/agency", "/lines", "/reason"},
    ),
    ("extension", {}, {"reason": "สั้น"}, {"/ends_on", "/reason"}),
    ("extension", ENDS | {"ends_on-year": "2571"}, {"ends_on": "2028-11-30"}, {"/ends_on"}),
    (
        "carry_over",
        {"carry-1": "2,000,000", "until": ""},
        {"carried": [{**CAPITAL, "amount": "2000000.00"}]},
        {"/carried/0/amount", "/carried_until"},
    ),
    ("carry_over", {"until": "13"}, {"carried_until": 13}, {"/carried"}),
    ("cancellation", {}, {"reason": "สั้น"}, {"/reason"}),
]


# what only a body can have wrong
UNFIT: list[tuple[str, dict[str, Any], set[str]]] = [
    ("transfer", {"lines": [{"position": 9, "amount": "1.00"}]}, {"/lines/0"}),
    ("transfer", {"lines": [{"position": 1, "amount": "1.00"}] * 2}, {"/lines/1"}),
    ("transfer", {"ends_on": "2026-11-30", "milestones": []}, {"/ends_on", "/milestones"}),
    ("cancellation", {"lines": []}, {"/lines"}),
    ("detail", {"spending": [{**CAPITAL, "agency": "gamma", "months": MONTHS}]}, {"/spending/0"}),
    ("detail", {"spending": [{**CAPITAL, "months": MONTHS[:11]}]}, {"/spending/0/months"}),
    ("detail", {"spending": [{**CAPITAL, "months": [1, *MONTHS[1:]]}]}, {"/spending/0/months/0"}),
    ("carry_over", {"carried": [{**CAPITAL, "amount": "5.00"}] * 2, "carried_until": 13}, {"/carried/1"}),
    ("carry_over", {"carried_until": 12}, {"/carried_until"}),
    (
        "detail",
        {"milestones": [sent_milestone("ก", 100, "2026-01-31") | {"position": 3}]},
        {"/milestones/0/position"},
    ),
    ("detail", {"indicators": [{"position": 7, "quarters": [""] * 4}]}, {"/indicators/0"}),
    ("detail", {"indicators": [{"position": 1, "quarters": [""] * 3}]}, {"/indicators/0/quarters"}),
    ("scope", {"new_lines": [dict(CAPITAL, item="ก", amount="0.00")] * 4}, {"/new_lines"}),
    ("opening", {}, {"/kind"}),
    ("detail", {"budget": []}, {"/budget"}),
    ("detail", {"reason": "ก" * 4001}, {"/reason"}),
]
