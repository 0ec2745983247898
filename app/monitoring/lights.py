"""Traffic lights, with the rule they follow. Nothing due, or nothing reported, is no light: neither green nor red."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.monitoring.facts import ReportingRules


class Light(StrEnum):
    """How something stands to its plan."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    NONE = "none"


LIGHT_NAMES = {
    Light.GREEN: Text("ตามแผน", "On plan"),
    Light.AMBER: Text("ช้ากว่าแผน", "Behind"),
    Light.RED: Text("ช้ากว่าแผนมาก", "Far behind"),
    Light.NONE: Text("ยังไม่มีไฟ", "No light yet"),
}
ORDER = (Light.RED, Light.AMBER, Light.GREEN, Light.NONE)


class Measure(StrEnum):
    """What is judged."""

    MONEY = "money"
    MILESTONES = "milestones"
    INDICATORS = "indicators"


MEASURE_NAMES = {
    Measure.MONEY: Text("เงิน", "Money"),
    Measure.MILESTONES: Text("งานสำคัญ", "Milestones"),
    Measure.INDICATORS: Text("ตัวชี้วัด", "Indicators"),
}
_RULES = {
    Measure.MONEY: Text(
        "เบิกจ่ายสะสม ÷ แผนการเบิกจ่ายสะสม ณ สิ้นเดือนเดียวกัน", "paid so far ÷ planned to be paid by the same month"
    ),
    Measure.MILESTONES: Text(
        "น้ำหนักงานที่ทำได้ของงานที่ถึงกำหนด ÷ น้ำหนักงานที่ถึงกำหนด",
        "weight done of the milestones that are due ÷ weight that is due",
    ),
    Measure.INDICATORS: Text(
        "ผลเฉลี่ยของตัวชี้วัดที่มีเป้าหมายถึงกำหนด (แต่ละตัวไม่เกินร้อยละ 100)",
        "mean attainment of the indicators with a target due (each at most 100 %)",
    ),
}
_RULE = Text("{what}: {rule}", "{what}: {rule}.")
_BOUNDS = Text(
    "เขียวตั้งแต่ร้อยละ {green} เหลืองตั้งแต่ร้อยละ {amber} ต่ำกว่านั้นแดง "
    "ไม่มีไฟเมื่อยังไม่มีสิ่งใดถึงกำหนด หรือยังไม่มีรายงานที่รับรองแล้ว หรือโครงการยกเลิกแล้ว",
    "Green from {green} %, amber from {amber} %, red below; "
    "no light where nothing is due, nothing was accepted yet, or the project is cancelled.",
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A light with what it was judged by: `share` done of due, per mille rounded down; None where nothing is due."""

    light: Light
    share: int | None


NO_LIGHT = Judged(Light.NONE, None)


def judge(done: int | Fraction, due: int | Fraction, rules: ReportingRules) -> Judged:
    """The light of `done` where `due` was to be reached; what is ahead of its plan is green."""
    if due <= 0:
        return NO_LIGHT
    share = int(done * 1000 // due)
    if share >= rules.green:
        return Judged(Light.GREEN, share)
    return Judged(Light.AMBER if share >= rules.amber else Light.RED, share)


def rule_in_words(measure: Measure, rules: ReportingRules) -> Text:
    """The rule of a light, with its bounds."""
    rule, bounds = _rule_of(measure), bounds_in_words(rules)
    return Text(f"{rule.th} {bounds.th}", f"{rule.en} {bounds.en}")


def rules_in_words(rules: ReportingRules) -> Text:
    """The rules of all lights, their bounds once."""
    said = [*(_rule_of(measure) for measure in Measure), bounds_in_words(rules)]
    return Text(" ".join(text.th for text in said), " ".join(text.en for text in said))


def bounds_in_words(rules: ReportingRules) -> Text:
    """From which share on a light is green or amber, and when there is none."""
    return _BOUNDS.fill(green=_percent(rules.green), amber=_percent(rules.amber))


def _rule_of(measure: Measure) -> Text:
    return _RULE.fill(what=MEASURE_NAMES[measure], rule=_RULES[measure])


def _percent(per_mille: int) -> str:
    whole, tenth = divmod(per_mille, 10)
    return f"{whole}.{tenth}" if tenth else f"{whole}"
