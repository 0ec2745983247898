"""What a forecast says and rests on, in words; the same on screen and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from app.figures.pen import Pen
from app.kernel.money import format_baht, format_million
from app.monitoring.planning import read_number
from app.monitoring.schedule import Schedule
from app.monitoring.warning import Forecast


def percent(part: int, whole: int) -> str:
    """A share in percent with two decimals, rounded down; an en dash for a share of nothing."""
    if not whole:
        return "–"
    hundredths = part * 10_000 // whole
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def decimal(value: Fraction | None, places: int = 2) -> str:
    """An exact value for reading, rounded half up; an en dash for none."""
    if value is None:
        return "–"
    scale = 10**places
    steps = int(abs(value) * scale + Fraction(1, 2))
    sign = "-" if value < 0 and steps else ""
    return f"{sign}{steps // scale}.{steps % scale:0{places}d}" if places else f"{sign}{steps}"


def tell_forecast(forecast: Forecast, green: int, pen: Pen) -> str:
    """What is said, in one sentence."""
    if forecast.amount is None:
        return pen.name(forecast.refusal) if forecast.refusal else ""
    low, high = format_million(forecast.low or 0), format_million(forecast.high or 0)
    amount = format_million(forecast.amount)
    if not forecast.warns(green):
        return pen(
            f"คาดว่าสิ้นปีจะเบิกจ่าย {amount} ล้านบาท ({low}–{high}) เป็นไปตามแผน",
            f"{amount} million baht expected by the year's end ({low}–{high}): on plan",
        )
    short = format_million(forecast.shortfall)
    return pen(
        f"คาดว่าสิ้นปีจะพลาดแผนประมาณ {short} ล้านบาท คือเบิกจ่าย {amount} ล้านบาท ({low}–{high})",
        f"Will miss the year's plan by about {short} million baht: {amount} expected to be paid ({low}–{high})",
    )


def tell_evidence(forecast: Forecast, green: int, pen: Pen) -> list[str]:
    """By which rule, on what evidence, beside which baseline, and what would change it; one sentence each."""
    if forecast.amount is None or not (forecast.own and forecast.group and forecast.drawn):
        return []
    case = forecast.case
    own, group, drawn = (percent(*pace) for pace in (forecast.own, forecast.group, forecast.drawn))
    said = []
    if forecast.usual is not None:
        by_now, at_end = forecast.usual
        years = ", ".join(str(year) for year in forecast.years)
        said.append(
            pen(
                f"กติกาที่ใช้: เทียบกับปีก่อน ({years}) วงเงินแบบเดียวกันปกติเบิกจ่ายแล้ว {format_million(by_now)} ล้านบาท "
                f"ณ เดือนเดียวกัน และ {format_million(at_end)} ล้านบาท ณ สิ้นปี โครงการนี้เบิกจ่าย {format_million(case.spent)} ล้านบาท",
                f"Rule used: the usual of earlier years ({years}). Money of this kind usually has {format_million(by_now)} "
                f"million baht paid by the same month and {format_million(at_end)} by the year's end; this project has "
                f"{format_million(case.spent)}.",
            )
        )
    said.append(
        pen(
            f"{'อีกกติกา' if forecast.usual else 'กติกาที่ใช้'}: ตามอัตราของโครงการ เบิกจ่ายร้อยละ {own} ของแผนที่ถึงกำหนด "
            f"(กลุ่มเดียวกันร้อยละ {group}) ถ่วงเป็นร้อยละ {drawn} ของแผนที่เหลือ จะได้ {format_million(forecast.by_pace or 0)} ล้านบาท",
            f"{'The other rule' if forecast.usual else 'Rule used'}: the project's pace. {own} % of what was due is paid "
            f"({group} % in its group); at {drawn} % of what is still planned, it comes to "
            f"{format_million(forecast.by_pace or 0)} million baht.",
        )
    )
    said.append(
        pen(
            f"เทียบวิธีอย่างง่าย (เฉลี่ยต่อเดือน × 12): {format_million(forecast.naive or 0)} ล้านบาท",
            f"Naive baseline (monthly mean × 12): {format_million(forecast.naive or 0)} million baht.",
        )
    )
    needed, so_far = format_baht(forecast.monthly(green)), format_baht(forecast.so_far)
    said.append(
        pen(
            f"จะเปลี่ยนเมื่อ: หากจากนี้เบิกจ่ายเดือนละ {needed} บาทจะจบปีตามแผน (ที่ผ่านมาเฉลี่ยเดือนละ {so_far} บาท)",
            f"What would change it: {needed} baht a month from now on ends the year on plan ({so_far} a month so far).",
        )
    )
    return said


def tell_schedule(schedule: Schedule, pen: Pen) -> str:
    """Earned schedule in one sentence."""
    if schedule.es is None:
        return pen.name(schedule.why) if schedule.why else ""
    es, spi, sv = decimal(schedule.es), decimal(schedule.spi), decimal(abs(schedule.sv or Fraction(0)))
    ahead = (schedule.sv or 0) >= 0
    th, en = f"{'เร็วกว่า' if ahead else 'ช้ากว่า'}แผน {sv} เดือน", f"{sv} months {'ahead' if ahead else 'behind'}"
    if sv == decimal(Fraction(0)):
        th, en = "ตรงตามแผน", "on schedule"
    return pen(
        f"ได้งานเท่าแผนเดือนที่ {es} จาก {schedule.at} เดือน: SPI(t) = {spi} {th}",
        f"Work stands where the plan is at month {es}, after {schedule.at}: SPI(t) = {spi}, {en}.",
    )


def grouped(text: str) -> str:
    """A figure as people typed it, its thousands set apart; what is no number stays as it is."""
    number = read_number(text)
    if number is None:
        return text
    sign, digits = ("-", number[1:]) if number.startswith("-") else ("", number)
    whole, point, part = digits.partition(".")
    return f"{sign}{int(whole):,}{point}{part}"


def join_sentences(sentences: Sequence[str]) -> str:
    """Sentences in one cell of a table."""
    return " ".join(sentences)
