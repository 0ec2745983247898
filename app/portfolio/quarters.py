"""What is granted, spread over the quarters.

A project that gets less than it filed keeps the shape of its filing: every quarter gets its share of the smaller amount,
whole satang, and what rounding down left over goes, satang by satang, to the quarters with the largest remainders
(earlier quarter first where these are equal). So the quarters still sum to what is granted.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.kernel.text import Text

RULE = Text(
    "โครงการที่ได้รับวงเงินต่ำกว่าที่ยื่น แบ่งวงเงินรายไตรมาสตามสัดส่วนของบรรทัดงบประมาณที่ยื่น ปัดลงเป็นสตางค์"
    " แล้วเติมสตางค์ที่เหลือให้ไตรมาสที่มีเศษมากที่สุดก่อน (เศษเท่ากันให้ไตรมาสที่มาก่อน) ผลรวมจึงตรงกับวงเงินที่จัดสรรทุกสตางค์",
    "A project granted less than it filed keeps the proportions of its budget lines over the quarters: each share is rounded"
    " down to whole satang, and the satang left over go to the largest remainders first (the earlier quarter where they are"
    " equal), so the quarters sum to the amount granted exactly.",
)
QUARTER_NAMES: tuple[Text, ...] = (
    Text("ไตรมาส 1", "Quarter 1"),
    Text("ไตรมาส 2", "Quarter 2"),
    Text("ไตรมาส 3", "Quarter 3"),
    Text("ไตรมาส 4", "Quarter 4"),
    Text("ไม่ระบุไตรมาส", "No quarter"),
)


def in_proportion(parts: Sequence[int], total: int) -> tuple[int, ...]:
    """`total` split as `parts` are, by largest remainder; sums to `total` exactly. Where the parts sum to nothing, all of
    it goes to the last. Amounts in satang; raises `ValueError` for a negative one."""
    if total < 0 or any(part < 0 for part in parts):
        raise ValueError("amounts are not negative")
    whole = sum(parts)
    if not whole:
        return (*(0 for _ in parts[1:]), total)
    shares = [divmod(part * total, whole) for part in parts]
    found = [share for share, _ in shares]
    order = sorted(range(len(parts)), key=lambda at: (-shares[at][1], at))
    for at in order[: total - sum(found)]:
        found[at] += 1
    return tuple(found)
