"""Budget lines of synthetic proposals: quantities, prices and quarters that sum exactly. Money in satang."""

from __future__ import annotations

from app.cli.demo.dice import Dice
from app.cli.demo.subjects import Subject, agency_names, wording
from app.kernel.lean import dataclass
from app.kernel.money import SATANG_PER_BAHT, decimal_baht

HUNDRED_BAHT = 100 * SATANG_PER_BAHT
MILLION_BAHT = 1_000_000 * SATANG_PER_BAHT

FAR_OFF = 4  # of a hundred lines, how many are priced far from the usual

# agencies outside the departmental system receive general subsidies, whatever they buy
SUBSIDISED = frozenset({"nstda", "nimt", "etda", "depa", "osmep"})

# how a line's money falls over the four quarters, in percent
PHASES: dict[str, tuple[tuple[int, ...], ...]] = {
    "capital": ((0, 15, 35, 50), (0, 30, 30, 40), (10, 20, 30, 40)),
    "operations": ((25, 25, 25, 25), (20, 30, 30, 20)),
    "personnel": ((25, 25, 25, 25),),
    "subsidies": ((30, 25, 25, 20), (25, 25, 25, 25)),
    "other": ((10, 30, 40, 20), (15, 35, 35, 15)),
}


@dataclass(frozen=True, slots=True)
class Share:
    """What one agency of a proposal asks for."""

    agency: str
    amount: int
    leads: bool


def split_amount(dice: Dice, amount: int, lead: str, participants: tuple[str, ...]) -> list[Share]:
    """The lead's share and the participants', in whole hundreds of baht; they sum to `amount`."""
    shares = []
    for code in participants:
        part = amount * dice.between(6, 14) // 100 // HUNDRED_BAHT * HUNDRED_BAHT
        shares.append(Share(code, part, False))
    return [Share(lead, amount - sum(s.amount for s in shares), True), *shares]


def budget_rows(dice: Dice, subject: Subject, shares: list[Share]) -> list[dict[str, str]]:
    """The lines of all agencies: each agency's main line takes what its other lines leave."""
    return [row for share in shares for row in _rows_of(dice, subject, share)]


def _rows_of(dice: Dice, subject: Subject, share: Share) -> list[dict[str, str]]:
    catalogue = wording()["lines"]["skill" if subject.kind == "skill" else "common"]
    count = dice.between(2, 7) if share.leads else dice.between(0, 2)
    left = share.amount * 60 // 100
    rows = []
    for category, item, unit, baht, most in dice.some(catalogue, count):
        price = _price(baht * SATANG_PER_BAHT, f"{share.agency}-{subject.name.en}-{item}")
        fits = min(most, min(left, share.amount * 15 // 100) // price)
        if fits >= 1:
            quantity = dice.between(1, fits)
            left -= quantity * price
            rows.append(_row(dice, share.agency, category, item, unit, quantity, price))
    rest = share.amount - sum(amount_of(row) for row in rows)
    category, item = wording()["main_line"][subject.kind if share.leads else "partner"]
    main = _row(dice, share.agency, category, item.format(subject=subject.name.th), "งาน", 1, rest)
    if category == "capital" and rest > 25 * MILLION_BAHT and dice.chance(40):
        main |= _commitment(dice, rest)
    return [main, *rows]


def _price(usual: int, of: str) -> int:
    """What an item costs here: nearly always the usual price, now and then far from it. By throws of its own, so that
    nothing else changes."""
    luck = Dice(f"price-{of}")
    if not luck.chance(FAR_OFF):
        return usual
    percent = luck.between(130, 180) if luck.chance(70) else luck.between(30, 45)
    return max(usual * percent // 100 // HUNDRED_BAHT * HUNDRED_BAHT, HUNDRED_BAHT)


def amount_of(row: dict[str, str]) -> int:
    """What a line asks for, satang."""
    return int(row["quantity"]) * int(row["unit_price"].replace(".", ""))


def _row(
    dice: Dice, agency: str, category: str, item: str, unit: str, quantity: int, price: int
) -> dict[str, str]:
    if agency in SUBSIDISED or "(องค์การมหาชน)" in agency_names()[agency].th:
        category = "subsidies"
    quarters = _phase(quantity * price, dice.pick(PHASES[category]))
    return {
        "agency": agency,
        "category": category,
        "item": item,
        "quantity": str(quantity),
        "unit": unit,
        "unit_price": decimal_baht(price),
        **{f"q{n}": decimal_baht(q) if q else "" for n, q in enumerate(quarters, 1)},
        **{f"later{n}": "" for n in range(1, 5)},
    }


def _phase(amount: int, percents: tuple[int, ...]) -> list[int]:
    """The amount over four quarters in whole hundreds of baht; the last quarter takes the rest."""
    first = [amount * p // 100 // HUNDRED_BAHT * HUNDRED_BAHT for p in percents[:-1]]
    return [*first, amount - sum(first)]


def _commitment(dice: Dice, amount: int) -> dict[str, str]:
    """What a contract that runs on binds in the following years."""
    rounded = amount // MILLION_BAHT * MILLION_BAHT
    later = {"later1": decimal_baht(rounded * dice.between(4, 8) // 10)}
    if dice.chance(50):
        later["later2"] = decimal_baht(rounded * dice.between(2, 4) // 10)
    return later
