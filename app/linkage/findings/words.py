"""The words of findings: what each rule looks for, and lists of names as a sentence says them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.kernel.text import Text
from app.linkage.facts import Graph, Rule
from app.linkage.findings.bounds import MANY, NEARLY_SAME

MOST_NAMED = 4  # names said in a sentence; the rest are counted

RULE_NAMES = {
    Rule.NO_PARTNER: Text(
        "อ้างว่าบูรณาการ แต่ยังไม่มีคู่เชื่อมใดยืนยัน", "Claims integration, but no partner has confirmed"
    ),
    Rule.UNFUNDED: Text(
        "หลายโครงการพึ่งพา แต่ตัวผู้ให้เองไม่ได้รับงบ", "Many depend on a provider that is itself not funded"
    ),
    Rule.UNMET: Text("มีผู้ต้องการข้อมูล แต่ยังไม่มีผู้ให้", "Data that is needed and offered by nobody"),
    Rule.TWICE: Text("เสนอบริการหรือแพลตฟอร์มเดียวกันซ้ำ", "The same service or platform proposed twice"),
    Rule.DECLINED: Text("คู่เชื่อมปฏิเสธ", "Links the partner declined"),
    Rule.UNCONFIRMED: Text("การเชื่อมโยงที่คู่เชื่อมยังไม่ยืนยัน", "Links the partner has not confirmed"),
}
RULE_GROUNDS = {
    Rule.NO_PARTNER: Text(
        "ข้อเสนอที่เลือกรูปแบบเชื่อมโยงกับหน่วยงานอื่น และไม่มีการเชื่อมโยงใดที่คู่เชื่อมยืนยัน",
        "Proposals that count as integration by linking with others, none of whose links a partner has confirmed.",
    ),
    Rule.UNFUNDED: Text(
        "หน่วยงานที่ข้อเสนอซึ่งยังอยู่ในการพิจารณาอย่างน้อย {many} รายการขอรับข้อมูลหรือระบบ แต่ข้อเสนอที่จะให้สิ่งนั้นไม่ผ่านหรืออยู่นอกกรอบวงเงิน",
        "Agencies from which at least {many} proposals still in the running need something, while the proposals that "
        "would provide it failed or lie outside the ceiling.",
    ).fill(many=MANY),
    Rule.UNMET: Text(
        "ข้อมูลหรือระบบที่ข้อเสนอขอรับ โดยไม่มีหน่วยงานใดยืนยันว่าจะให้ ไม่มีข้อเสนอใดเปิดให้ และไม่ได้มาจากแพลตฟอร์มที่เผยแพร่ข้อมูลนั้นอยู่แล้ว",
        "Data or systems that proposals need, which no agency has confirmed to give, no proposal offers, and which do "
        "not come from a platform that publishes them already.",
    ),
    Rule.TWICE: Text(
        "บริการกลางในข้อเสนอต่างรายการที่ชื่อตรงกัน หรือตัวอักษรตรงกันตั้งแต่ร้อยละ {same} เมื่อตัดคำทั่วไปอย่าง “ระบบ” และ “แพลตฟอร์ม” ออก",
        "Shared services of different proposals whose names are the same, or have {same}% of their letters in common "
        "once general words such as “system” and “platform” are set aside.",
    ).fill(same=NEARLY_SAME),
    Rule.DECLINED: Text("การเชื่อมโยงที่คู่เชื่อมตอบปฏิเสธ", "Links to which the partner said no."),
    Rule.UNCONFIRMED: Text(
        "การเชื่อมโยงที่ยังไม่มีคำยืนยันของคู่เชื่อม ทั้งที่ขอแล้วและยังไม่ได้ขอ จัดตามคู่เชื่อม",
        "Links without the partner's word, asked for or not, by partner.",
    ),
}


def by_number(graph: Graph, proposals: Iterable[str]) -> tuple[str, ...]:
    """Keys of proposals, once each, in the order of their numbers."""
    return tuple(sorted(set(proposals), key=lambda key: graph.nodes[key].number))


def listed(names: Sequence[Text], most: int = MOST_NAMED) -> Text:
    """Names as a sentence says them; beyond `most` they are counted."""
    shown, more = names[:most], len(names) - most
    th, en = [n.th for n in shown], [n.en or n.th for n in shown]
    if more > 0:
        return Text(f"{', '.join(th)} และอีก {more:,} รายการ", f"{', '.join(en)} and {more:,} more")
    if len(th) < 2:
        return Text("".join(th), "".join(en))
    return Text(f"{', '.join(th[:-1])} และ {th[-1]}", f"{', '.join(en[:-1])} and {en[-1]}")


def names_of(graph: Graph, keys: Iterable[str]) -> Text:
    return listed([graph.nodes[key].name for key in dict.fromkeys(keys)])


def quoted(graph: Graph, keys: Iterable[str]) -> Text:
    names = [graph.nodes[key].name for key in dict.fromkeys(keys)]
    return listed([Text(f"“{n.th}”", f"“{n.en or n.th}”") for n in names])


def numbers_of(graph: Graph, keys: Iterable[str]) -> Text:
    numbers = [graph.nodes[key].number for key in dict.fromkeys(keys)]
    return listed([Text(number, number) for number in numbers])


def plural(count: int, one: str, many: str) -> str:
    """An English count with its noun."""
    return f"{count:,} {one if count == 1 else many}"
