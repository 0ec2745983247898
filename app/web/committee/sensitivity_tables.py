"""The tables of the page of what-ifs, for a spreadsheet: whole lists where the page names a few."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.portfolio.queries.sensitivity import SensitivityView
from app.portfolio.reasons import STANDING_NAMES
from app.portfolio.sensitivity import CEILINGS
from app.web.language import language, t
from reports.document import Column, Table


def signed_percent(percent: int) -> str:
    """A change in percent with its sign, a true minus before what is less."""
    return f"+{percent} %" if percent > 0 else f"{percent} %".replace("-", "−")


def _joined(numbers: tuple[str, ...]) -> str:
    return ", ".join(numbers)


def _weights(view: SensitivityView) -> Table:
    said, shares = language(), view.tried.shares
    found = {share.proposal_id: share for share in shares.shares} if shares else {}
    return Table(
        "weights",
        t("น้ำหนักอื่น", "other-weights"),
        (
            Column("rank", t("ลำดับในบัญชี", "Rank on the list"), "int"),
            Column("number", t("เลขที่", "Number")),
            Column("title", t("โครงการ", "Project")),
            Column("standing", t("ในบัญชี", "On the list")),
            Column("everywhere", t("อยู่ในกรอบเมื่อสุ่มน้ำหนักทั้งหมด (ร้อยละ)", "Within, of all weightings (percent)"), "percent"),
            Column("nearby", t("อยู่ในกรอบเมื่อสุ่มใกล้น้ำหนักเดิม (ร้อยละ)", "Within, of weightings nearby (percent)"), "percent"),
            Column("best", t("ลำดับดีที่สุด", "Best rank"), "int"),
            Column("middle", t("ลำดับกลาง", "Middle rank"), "int"),
            Column("worst", t("ลำดับแย่ที่สุด", "Worst rank"), "int"),
            Column("near_best", t("ลำดับดีที่สุดใกล้น้ำหนักเดิม", "Best rank nearby"), "int"),
            Column("near_worst", t("ลำดับแย่ที่สุดใกล้น้ำหนักเดิม", "Worst rank nearby"), "int"),
            Column("samples", t("จำนวนที่สุ่มแต่ละแบบ", "Weightings of each kind"), "int"),
            Column("seed", t("เลขตั้งต้นการสุ่ม", "Seed")),
        ),
        tuple(
            (
                line.rank,
                line.entry.number,
                line.entry.title.say(said) or line.entry.title.th,
                STANDING_NAMES[line.standing].say(said),
                shares.per_mille(share.times_everywhere) * 10,
                shares.per_mille(share.times_nearby) * 10,
                share.best,
                share.middle,
                share.worst,
                share.near_best,
                share.near_worst,
                shares.samples,
                str(shares.seed),
            )
            for line in view.allocation.lines
            if shares and (share := found.get(line.entry.proposal_id))
        ),
    )  # fmt: skip


def _swaps(view: SensitivityView) -> Table:
    codes = list(view.tried.weights)
    names = {code: view.criteria[code].say(language()) if code in view.criteria else code for code in codes}
    return Table(
        "swaps",
        t("น้ำหนักที่ทำให้สลับ", "weights-that-swap"),
        (
            Column("moved", t("น้ำหนักที่ต้องย้าย (จุดร้อยละ)", "Weight to be moved (percentage points)"), "score"),
            Column("lower", t("โครงการที่ขึ้นมา", "Passes")),
            Column("upper", t("โครงการที่ถูกแซง", "Is passed")),
            *(
                Column(f"w{n}", t(f"น้ำหนักใหม่: {names[code]}", f"New weight: {names[code]}"), "score")
                for n, code in enumerate(codes)
            ),
            Column("enters", t("เข้ากรอบ", "Enter"), "long_text"),
            Column("leaves", t("ออกจากกรอบ", "Leave"), "long_text"),
        ),
        tuple(
            (
                swap.moved,
                swap.lower,
                swap.upper,
                *(swap.weights[code] for code in codes),
                _joined(swap.enters),
                _joined(swap.leaves),
            )
            for swap in (view.tried.swaps.swaps if view.tried.swaps else ())
        ),
    )


def _ceilings(view: SensitivityView) -> Table:
    return Table(
        "ceilings",
        t("กรอบวงเงินอื่น", "other-ceilings"),
        (
            Column("percent", t("กรอบวงเงินเปลี่ยน (ร้อยละ)", "Change of the ceiling (percent)"), "int"),
            Column("ceiling", t("กรอบวงเงิน (บาท)", "Ceiling (baht)"), "money"),
            Column("count", t("โครงการในกรอบ", "Projects within"), "int"),
            Column("granted", t("วงเงินในกรอบ (บาท)", "Amount within (baht)"), "money"),
            Column("enters", t("เข้ากรอบ", "Enter"), "long_text"),
            Column("leaves", t("ออกจากกรอบ", "Leave"), "long_text"),
            Column("amounts", t("วงเงินเปลี่ยน", "Other amount"), "long_text"),
        ),
        tuple(
            (
                step.percent,
                step.ceiling,
                step.count,
                step.granted,
                _joined(step.change.enters),
                _joined(step.change.leaves),
                _joined(step.change.amounts),
            )
            for step in view.tried.ceilings.steps
        ),
    )


def _at_ceilings(view: SensitivityView) -> Table:
    entries, said = view.entries, language()
    return Table(
        "at_ceilings",
        t("วงเงินตามกรอบ", "amounts-at-ceilings"),
        (
            Column("number", t("เลขที่", "Number")),
            Column("title", t("โครงการ", "Project")),
            *(
                Column(f"c{n}", f"{t('กรอบ', 'Ceiling')} {signed_percent(percent)} ({t('บาท', 'baht')})", "money")
                for n, percent in enumerate(CEILINGS)
            ),
        ),
        tuple(
            (row.number, entries[row.number].title.say(said) or entries[row.number].title.th, *row.granted)
            for row in view.tried.ceilings.rows
        ),
    )  # fmt: skip


def _reviewers(view: SensitivityView) -> Table:
    said = language()
    return Table(
        "reviewers",
        t("หากไม่นับผู้พิจารณาแต่ละคน", "without-each-reviewer"),
        (
            Column("reviewer", t("ผู้พิจารณา", "Reviewer")),
            Column("body", t("หน่วยงานร่วมพิจารณา", "Body")),
            Column("reviews", t("ผลพิจารณา", "Reviews"), "int"),
            Column("enters", t("เข้ากรอบ", "Enter"), "long_text"),
            Column("leaves", t("ออกจากกรอบ", "Leave"), "long_text"),
            Column("amounts", t("วงเงินเปลี่ยน", "Other amount"), "long_text"),
            Column("unscored", t("ไม่เหลือคะแนน", "No score left"), "long_text"),
            Column("refusal", t("เหตุที่คำนวณไม่ได้", "Why it cannot be told"), "long_text"),
        ),
        tuple(
            (
                row.name.say(said),
                row.body.say(said) if row.body else "",
                row.figures.reviews,
                _joined(row.figures.change.enters) if row.figures.change else "",
                _joined(row.figures.change.leaves) if row.figures.change else "",
                _joined(row.figures.change.amounts) if row.figures.change else "",
                _joined(row.figures.unscored),
                "; ".join(reason.words.say(said) for reason in row.figures.refusal.reasons)
                if row.figures.refusal
                else "",
            )
            for row in view.reviewers
        ),
    )


TABLES: Mapping[str, Callable[[SensitivityView], Table]] = {
    "weights": _weights,
    "swaps": _swaps,
    "ceilings": _ceilings,
    "at-ceilings": _at_ceilings,
    "reviewers": _reviewers,
}
