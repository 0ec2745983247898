"""Proposals to compare, made from a few words."""

from __future__ import annotations

from app.kernel.text import Text
from app.similarity.facts import Comparable, Item, Passage

FARMERS = (
    "เกษตรกรคนหนึ่งมีชื่ออยู่ในทะเบียนพืช ทะเบียนปศุสัตว์ และทะเบียนประมง ซึ่งใช้รหัสต่างกันและปรับปรุงคนละเวลา "
    "จึงเกิดการจ่ายเงินเยียวยาซ้ำ โครงการนี้จะจับคู่รายชื่อข้ามทะเบียนให้แต่ละคนมีรหัสเดียว"
)
LIBRARY = (
    "ห้องสมุดประชาชนจัดซื้อหนังสืออิเล็กทรอนิกส์เอง เล่มเดียวกันจึงถูกซื้อซ้ำหลายสิบครั้ง "
    "โครงการนี้จะทำคลังหนังสือร่วมกันทั้งประเทศ ให้สมาชิกของห้องสมุดแห่งใดก็ยืมเล่มของทุกแห่งได้"
)
# what any agency may write
SET_WORDS = (
    "ตามที่คณะรัฐมนตรีมีมติเห็นชอบยุทธศาสตร์ หน่วยงานต้องปรับเปลี่ยนกระบวนการทำงานให้ทันสมัยและยึดประชาชนเป็นศูนย์กลาง "
    "จึงมีความจำเป็นต้องพัฒนาระบบให้สามารถรองรับการปฏิบัติงานในยุคดิจิทัลได้อย่างมีประสิทธิภาพและโปร่งใส"
)


def proposal(
    key: int = 1,
    title: str = "",
    *,
    lead: str = "",
    rationale: str = "",
    objectives: str = "",
    items: tuple[tuple[str, int], ...] = (),
    systems: tuple[str, ...] = (),
    partners: tuple[str, ...] = (),
    continues: str = "",
) -> Comparable:
    lead = lead or f"agency-{key}"
    passages = (("rationale-rationale", rationale), ("rationale-objectives", objectives))
    return Comparable(
        key=key,
        number=f"2567-{key:03}",
        fiscal_year=2567,
        title=Text(title, ""),
        lead=lead,
        passages=tuple(Passage(place, text) for place, text in passages if text),
        items=tuple(Item(f"budget-{n}-item", text, amount) for n, (text, amount) in enumerate(items, 1)),
        systems=tuple(Passage(f"integration-{n}-name", text) for n, text in enumerate(systems, 1)),
        agencies=frozenset((lead,)),
        partners=frozenset(partners),
        continues=continues,
    )


def typed(one: Comparable) -> dict[str, str]:
    """Place -> text as typed."""
    return {
        "title_th": one.title.th,
        "title_en": one.title.en,
        **{p.place: p.text for p in (*one.passages, *one.systems)},
        **{item.place: item.text for item in one.items},
    }
