"""The hidden steps of the walk: whole satang and whole scores, so that nothing is rounded on the way."""

from __future__ import annotations

from app.figures.live.laying import DIMENSIONS, NO_CAP, Layout, Step, tie_number
from app.figures.live.words import GROUNDS
from app.figures.pen import Pen
from app.kernel.text import Text
from reports.live import LiveColumn

UNCAPPED = str(NO_CAP // 2)  # at least half of what stands for no cap: there is none
_D = range(1, len(DIMENSIONS) + 1)
_CEILING = "{terms:ceiling_s}"

_STEP = Text("ซ่อนไว้ ใช้ในสูตร: ", "Hidden, for the formulas: ")
_MEANINGS = {
    "at": Text("แถวในบัญชีจัดลำดับ", "row in the ranked list"),
    "mode": Text("1 รับก่อน, -1 ไม่รับ, 0 ตามลำดับ", "1 taken first, -1 left out, 0 by rank"),
    "hand": Text("ที่กรอกไว้: 1 รับ, -1 ไม่รับ", "as typed in: 1 taken, -1 left out"),
    "score": Text("คะแนนรวมบนตัวหารร่วม", "score over the common denominator"),
    "asked": Text("วงเงินที่พิจารณา (สตางค์)", "amount considered, satang"),
    "least": Text("วงเงินน้อยที่สุดที่รับได้ (สตางค์)", "least it may be taken with, satang"),
    "left1": Text("กรอบก่อนรายการนี้ ในกลุ่มที่รับก่อน", "ceiling before it, among those taken first"),
    "in1": Text("รับก่อน (1/0)", "taken first (1/0)"),
    "first": Text("วงเงินที่รับก่อน", "amount taken first"),
    "left3": Text("กรอบก่อนรายการนี้ ตามลำดับ", "ceiling before it, by rank"),
    "room": Text("ที่ว่างน้อยที่สุดของกรอบและเพดาน", "least room of ceiling and caps"),
    "in3": Text("รับตามลำดับ (1/0)", "taken by rank (1/0)"),
    "rest": Text("วงเงินที่รับตามลำดับ", "amount taken by rank"),
    "taken": Text("วงเงินที่ได้", "amount granted"),
    "is_in": Text("ในกรอบ (1/0)", "within (1/0)"),
    "cum_s": Text("สะสม", "taken so far"),
    "left_s": Text("กรอบเหลือหลังรายการนี้", "ceiling left after it"),
    "ground": Text("เลขเหตุผล", "number of the reason"),
    "short_s": Text("ที่ขาด", "what is short"),
    "places": Text("จำนวนลำดับที่ยังมีที่ว่างพอ", "ranks that still had room"),
    "points_h": Text("คะแนนที่ต้องเพิ่ม (ร้อยเท่า)", "points wanted, in hundredths"),
    "tie": Text("เลขกติกาเมื่อคะแนนเท่ากัน", "number of the tie rule"),
    "spread_h": Text("ค่ากระจาย (ร้อยเท่า)", "spread in hundredths"),
    "req_s": Text("วงเงินที่ขอ (สตางค์)", "amount requested, satang"),
    "filed": Text("ลำดับการยื่น", "order of filing"),
}
_BY_GROUP = {
    "g": Text("แถวในแผ่นเพดานของกลุ่ม", "row on the sheet of caps"),
    "cap": Text("เพดานที่เหลือหลังกลุ่มที่รับก่อน", "cap after those taken first"),
    "room": Text("เพดานที่เหลือก่อนรายการนี้", "cap left before it"),
    "after": Text("เพดานที่เหลือหลังรายการนี้", "cap left after it"),
    "fits": Text("ลำดับที่เพดานยังพอ", "ranks the cap still had room for"),
}


def _formulas() -> dict[str, str]:
    return {
        "at": "=MATCH({rank},{ranked.rank},0)",
        "mode": "=INDEX({ranked.mode},{at})",
        "hand": "=INDEX({ranked.hand},{at})",
        "score": "=INDEX({ranked.score},{at})",
        "asked": "=INDEX({ranked.asked_s},{at})",
        "least": "=IF({hand}=1,{asked},INDEX({ranked.least_s},{at}))",
        **{f"g{d}": f"=INDEX({{ranked.g{d}}},{{at}})" for d in _D},
        **{f"cap{d}": f"=INDEX({{caps.start_s}},{{g{d}}})" for d in _D},
        # what must be funded or is taken by hand: in rank order, under the ceiling alone
        "left1": f"={_CEILING}-SUM({{first^}})",
        "in1": "=IF(AND({mode}=1,{least}<={left1}),1,0)",
        "first": "=IF({in1}=0,0,IF({asked}<={left1},{asked},{least}))",
        # everybody else, with what those leave
        "left3": f"={_CEILING}-{{terms:reserved}}-SUM({{rest^}})",
        **{
            f"room{d}": f"=IF({{cap{d}}}>={UNCAPPED},{{cap{d}}},{{cap{d}}}-SUMIFS({{rest^}},{{g{d}^}},{{g{d}}}))"
            for d in _D
        },
        "room": "=MIN({left3},{room1},{room2},{room3})",
        "in3": "=IF(AND({mode}=0,{least}<={room}),1,0)",
        "rest": "=IF({in3}=0,0,IF({asked}<={room},{asked},{least}))",
        **{f"after{d}": f"=IF({{cap{d}}}>={UNCAPPED},{{cap{d}}},{{room{d}}}-{{rest}})" for d in _D},
        "taken": "={first}+{rest}",
        "is_in": "={in1}+{in3}",
        "cum_s": "=SUM({taken^})+{taken}",
        "left_s": "=IF({mode}=1,{left1}-{first},{left3}-{rest})",
        "ground": "=IF({in1}=1,IF({hand}=1,4,IF({first}<{asked},8,3)),IF({mode}=1,5,IF({in3}=1,IF({rest}<{asked},2,1),"
        "IF({mode}=-1,7,IF({least}>{left3},5,6)))))",
        "short_s": "=IF({ground}=5,{least}-IF({mode}=1,{left1},{left3}),"
        "IF({ground}=6,{least}-MIN({room1},{room2},{room3}),0))",
        **{f"fits{d}": _places_with_room(d) for d in _D},
        "places": '=IF(OR({ground}=5,{ground}=6),IF({mode}=1,COUNTIF({left1^},">="&{least}),'
        'MIN(COUNTIF({left3^},">="&{least}),{fits1},{fits2},{fits3})),0)',
        "points_h": '=IF({places}=0,"",MAX(-INT(-(INDEX({walk.score},{places})-{score})/{terms:common}),1))',
        "spread_h": "=INDEX({ranked.spread_h},{at})",
        "req_s": "=INDEX({ranked.req_s},{at})",
        "filed": "=INDEX({ranked.filed_at},{at})",
        "tie": "=IF({rank}=1,0,IF({score}<>{score-},0,IF({spread_h}<>{spread_h-},1,"
        "IF({req_s}<>{req_s-},2,IF({filed}<>{filed-},3,4)))))",
    }


def _places_with_room(d: int) -> str:
    """How many ranks above still found room under a cap: up to the first that left too little after it."""
    first = f"SUMPRODUCT(MAX(({{g{d}^}}={{g{d}}})*({{after{d}^}}<{{least}})*(ROW({{rank}})-ROW({{rank^}}))))"
    return (
        f"=IF(OR({{ground}}<5,{{ground}}>6,{{cap{d}}}>={UNCAPPED}),{{rank}}-1,"
        f"IF({{cap{d}}}<{{least}},0,IF({first}=0,{{rank}}-1,{{rank}}-{first})))"
    )


def step_columns(pen: Pen) -> list[LiveColumn]:
    """The columns, out of sight."""

    def meaning(key: str) -> str:
        words = _MEANINGS.get(key) or _BY_GROUP[key[:-1]]
        return pen.name(_STEP) + pen.name(words)

    return [
        LiveColumn(key, key, "int", 12, cells=formula, hidden=True, meaning=meaning(key))
        for key, formula in _formulas().items()
    ]


def step_cells(step: Step, layout: Layout) -> dict[str, object]:
    """What the formulas come to."""
    line = step.line
    caps = [layout.groups[g - 1].start for g in step.groups]
    first = step.granted if step.mode == 1 else 0
    rest = step.granted - first
    after = [room if room >= NO_CAP // 2 else room - rest for room in step.rooms]
    fits = _fits(step, layout, caps)
    starved = GROUNDS[ground_number(step) - 1].value in ("ceiling", "cap")
    above = layout.steps[: (line.rank or 1) - 1]
    places = 0
    if starved and step.mode == 1:
        places = sum(s.before_forced >= step.least for s in above)
    elif starved:
        places = min(sum(s.before >= step.least for s in above), *fits)
    return {
        "at": step.place,
        "mode": step.mode,
        "hand": layout.typed[line.entry.number].hand,
        "score": step.score,
        "asked": step.asked,
        "least": step.least,
        **{f"g{d}": step.groups[d - 1] for d in _D},
        **{f"cap{d}": caps[d - 1] for d in _D},
        "left1": step.before_forced,
        "in1": int(step.mode == 1 and step.is_in),
        "first": first,
        "left3": step.before,
        **{f"room{d}": step.rooms[d - 1] for d in _D},
        "room": min(step.before, *step.rooms),
        "in3": int(step.mode != 1 and step.is_in),
        "rest": rest,
        **{f"after{d}": after[d - 1] for d in _D},
        "taken": step.granted,
        "is_in": int(step.is_in),
        "cum_s": step.taken_so_far,
        "left_s": line.left,
        "ground": ground_number(step),
        "short_s": line.short,
        **{f"fits{d}": fits[d - 1] for d in _D},
        "places": places,
        "points_h": line.points,
        "tie": tie_number(line),
        "spread_h": step.spread,
        "req_s": line.entry.requested,
        "filed": step.filed,
    }


def ground_number(step: Step) -> int:
    """The number of the reason, from 1."""
    return GROUNDS.index(step.line.ground) + 1


def _fits(step: Step, layout: Layout, caps: list[int]) -> list[int]:
    """For each cap on a starved project, how many ranks above still found room under it."""
    rank = step.line.rank or 1
    if GROUNDS[ground_number(step) - 1].value not in ("ceiling", "cap"):
        return [rank - 1] * len(caps)
    found = []
    for d, cap in enumerate(caps):
        if cap >= NO_CAP // 2:
            found.append(rank - 1)
        elif cap < step.least:
            found.append(0)
        else:
            found.append(
                next(
                    (
                        other.line.rank or 1
                        for other in layout.steps[: rank - 1]
                        if other.groups[d] == step.groups[d]
                        and other.rooms[d] - (other.granted if other.mode != 1 else 0) < step.least
                    ),
                    rank - 1,
                )
            )
    return found
