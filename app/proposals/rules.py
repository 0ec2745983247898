"""What a proposal must be before it can be filed: every problem at once, each with the place to mend.

Places are addresses of form fields: "names-title_th", "integration-2-partner", "budget-3-quarters". The same
functions serve the filing, the officer's own check, and the completeness rules of screening.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.calls.facts import Limits, PlanStructure
from app.kernel.findings import Problem
from app.kernel.money import LARGEST_SATANG, format_baht
from app.kernel.text import Text
from app.proposals.facts import BudgetLine, Direction, Form, ProposalFacts
from app.proposals.least import list_half_said, list_wrong_least


def _missing(section: str, field: str, th: str, en: str) -> Problem:
    return Problem(f"{section}-{field}", Text(th, en), section)


def list_missing(facts: ProposalFacts, plan: PlanStructure) -> list[Problem]:
    """What is not filled in yet, section by section, in the order of the form."""
    return [
        *_missing_names(facts),
        *_missing_plan(facts, plan),
        *_missing_integration(facts),
        *_missing_rationale(facts),
        *_missing_indicators(facts),
        *_missing_budget(facts),
        *list_half_said(facts),
    ]


def _missing_names(facts: ProposalFacts) -> Iterator[Problem]:
    if not facts.title.th:
        yield _missing("names", "title_th", "กรุณากรอกชื่อโครงการภาษาไทย", "Enter the project name in Thai")
    if not facts.title.en:
        yield _missing("names", "title_en", "กรุณากรอกชื่อโครงการภาษาอังกฤษ", "Enter the project name in English")


def _missing_plan(facts: ProposalFacts, plan: PlanStructure) -> Iterator[Problem]:
    if not facts.stage:
        yield _missing("plan", "stage", "กรุณาเลือกช่วงของห่วงโซ่คุณค่า", "Choose the value-chain stage")
    if not facts.guideline:
        yield _missing("plan", "guideline", "กรุณาเลือกแนวทาง", "Choose the guideline")
    if not facts.strategy:
        yield _missing("plan", "strategy", "กรุณาเลือกยุทธศาสตร์", "Choose the strategy")
    if plan.focus_of.get(facts.strategy) and not facts.focus_area:
        yield _missing("plan", "focus_area", "กรุณาเลือกด้านสำคัญ", "Choose the focus area")


def _missing_integration(facts: ProposalFacts) -> Iterator[Problem]:
    i = facts.integration
    if not i.forms:
        yield _missing(
            "integration",
            "forms",
            "กรุณาเลือกรูปแบบการบูรณาการอย่างน้อยหนึ่งแบบ",
            "Choose at least one form of integration",
        )
    if Form.LINK in i.forms:
        if not i.links:
            yield _missing(
                "integration", "links", "กรุณากรอกการเชื่อมโยงอย่างน้อยหนึ่งรายการ", "Add at least one link"
            )
        for n, link in enumerate(i.links, 1):
            if not link.name:
                yield _missing(
                    "integration",
                    f"{n}-name",
                    f"การเชื่อมโยงที่ {n}: กรุณากรอกชื่อระบบหรือข้อมูล",
                    f"Link {n}: name the system or data",
                )
            if link.kind not in ("data", "system"):
                yield _missing(
                    "integration",
                    f"{n}-kind",
                    f"การเชื่อมโยงที่ {n}: กรุณาเลือกประเภท",
                    f"Link {n}: choose the kind",
                )
            if link.direction not in list(Direction):
                yield _missing(
                    "integration",
                    f"{n}-direction",
                    f"การเชื่อมโยงที่ {n}: กรุณาเลือกทิศทาง",
                    f"Link {n}: choose the direction",
                )
            if link.partner is None and not link.partner_other:
                yield _missing(
                    "integration",
                    f"{n}-partner",
                    f"การเชื่อมโยงที่ {n}: กรุณาเลือกหน่วยงานคู่เชื่อม",
                    f"Link {n}: choose the partner agency",
                )
            if not link.channel:
                yield _missing(
                    "integration",
                    f"{n}-channel",
                    f"การเชื่อมโยงที่ {n}: กรุณาเลือกช่องทาง",
                    f"Link {n}: choose the channel",
                )
    if Form.CURRICULUM in i.forms and not i.curriculum:
        yield _missing("integration", "curriculum", "กรุณาเลือกหลักสูตรกลาง", "Choose the common curriculum")
    if Form.STANDARD in i.forms:
        if not i.standard:
            yield _missing(
                "integration", "standard", "กรุณากรอกชื่อมาตรฐานหรือแนวนโยบาย", "Name the standard or guideline"
            )
        if not i.standard_scope:
            yield _missing(
                "integration", "standard_scope", "กรุณาระบุผู้ที่จะใช้มาตรฐานนี้", "Say who will apply the standard"
            )
    if Form.SHARED_SERVICE in i.forms:
        service = i.shared_service
        if not service.name:
            yield _missing(
                "integration", "service_name", "กรุณากรอกชื่อระบบหรือบริการกลาง", "Name the central service"
            )
        if service.free is None:
            yield _missing(
                "integration", "service_free", "กรุณาตอบว่าคิดค่าใช้จ่ายหรือไม่", "Say whether it is free of charge"
            )
        if not service.all_agencies and not service.users:
            yield _missing(
                "integration", "service_users", "กรุณาเลือกหน่วยงานผู้ใช้บริการ", "Choose the agencies that use it"
            )


def _missing_rationale(facts: ProposalFacts) -> Iterator[Problem]:
    for field, value, th, en in (
        ("rationale", facts.rationale, "หลักการและเหตุผล", "the rationale"),
        ("objectives", facts.objectives, "วัตถุประสงค์", "the objectives"),
        ("outputs", facts.outputs, "ผลผลิต", "the outputs"),
    ):
        if not value:
            yield _missing("rationale", field, f"กรุณากรอก{th}", f"Enter {en}")


def _missing_indicators(facts: ProposalFacts) -> Iterator[Problem]:
    if not facts.indicators:
        yield _missing("indicators", "rows", "กรุณากรอกตัวชี้วัดอย่างน้อยหนึ่งรายการ", "Add at least one indicator")
    for n, k in enumerate(facts.indicators, 1):
        for field, value, th, en in (
            ("name", k.name, "ชื่อตัวชี้วัด", "its name"),
            ("unit", k.unit, "หน่วยนับ", "its unit"),
            ("target", k.target, "ค่าเป้าหมาย", "its target"),
        ):
            if not value:
                yield _missing(
                    "indicators", f"{n}-{field}", f"ตัวชี้วัดที่ {n}: กรุณากรอก{th}", f"Indicator {n}: enter {en}"
                )


def _missing_budget(facts: ProposalFacts) -> Iterator[Problem]:
    if not facts.lines:
        yield _missing(
            "budget", "rows", "กรุณากรอกรายการงบประมาณอย่างน้อยหนึ่งรายการ", "Add at least one budget line"
        )
    for n, line in enumerate(facts.lines, 1):
        for field, absent, th, en in (
            ("agency", not line.agency, "เลือกหน่วยงาน", "choose the agency"),
            ("category", not line.category, "เลือกประเภทงบรายจ่าย", "choose the expenditure category"),
            ("item", not line.item, "กรอกชื่อรายการ", "name the item"),
            ("quantity", line.quantity is None, "กรอกจำนวน", "enter the quantity"),
            ("unit", not line.unit, "กรอกหน่วยนับ", "enter the unit"),
            ("unit_price", line.unit_price is None, "กรอกราคาต่อหน่วย", "enter the unit price"),
        ):
            if absent:
                yield _missing("budget", f"{n}-{field}", f"รายการที่ {n}: กรุณา{th}", f"Line {n}: {en}")


def list_too_much(facts: ProposalFacts, limits: Limits) -> list[Problem]:
    """What is longer or more than the call allows. The form refuses it as it is typed; filing checks again, since a
    draft may come by another way or from before a limit."""
    i = facts.integration
    texts = (
        ("names-title_th", facts.title.th, limits.title),
        ("names-title_en", facts.title.en, limits.title),
        ("rationale-rationale", facts.rationale, limits.long),
        ("rationale-objectives", facts.objectives, limits.long),
        ("rationale-outputs", facts.outputs, limits.long),
        ("budget-least_scope", facts.reduced.scope if facts.reduced else "", limits.long),
    )
    rows = (
        ("names-participants", len(facts.participants), limits.participants),
        ("integration-links", len(i.links), limits.links),
        ("integration-service_users", len(i.shared_service.users), limits.users),
        ("indicators-rows", len(facts.indicators), limits.indicators),
        ("budget-rows", len(facts.lines), limits.lines),
        ("attachments-file", len(facts.attachments), limits.attachments),
    )
    problems = [
        Problem(
            place,
            Text(
                f"ข้อความยาว {len(text):,} ตัวอักษร กรอกได้ไม่เกิน {most:,}",
                f"The text has {len(text):,} characters; at most {most:,} are allowed",
            ),
            place.split("-")[0],
        )
        for place, text, most in texts
        if len(text) > most
    ]
    return problems + [
        Problem(
            place,
            Text(
                f"มี {count:,} รายการ มีได้ไม่เกิน {most:,}",
                f"There are {count:,} entries; at most {most:,} are allowed",
            ),
            place.split("-")[0],
        )
        for place, count, most in rows
        if count > most
    ]


def list_inconsistent(facts: ProposalFacts, plan: PlanStructure) -> list[Problem]:
    """Combinations the plan does not have: stage and guideline, strategy, focus area, category, platform."""
    problems = []

    def wrong(field: str, th: str, en: str, section: str = "plan") -> None:
        problems.append(Problem(f"{section}-{field}", Text(th, en), section))

    stages = {s.code for s in plan.stages}
    if facts.stage and facts.stage not in stages:
        wrong("stage", "ช่วงของห่วงโซ่คุณค่านี้ไม่มีในแผน", "This stage is not in the plan")
    if facts.guideline:
        stage = plan.stage_of.get(facts.guideline)
        if stage is None:
            wrong("guideline", "แนวทางนี้ไม่มีในแผน", "This guideline is not in the plan")
        elif facts.stage and stage != facts.stage:
            wrong(
                "guideline",
                f"แนวทาง {facts.guideline} ไม่ได้อยู่ในช่วงที่เลือก",
                f"Guideline {facts.guideline} does not belong to the chosen stage",
            )
    if facts.strategy:
        if facts.strategy not in plan.focus_of:
            wrong("strategy", "ยุทธศาสตร์นี้ไม่มีในแผน", "This strategy is not in the plan")
        elif facts.guideline and facts.strategy not in plan.guideline_strategies.get(facts.guideline, ()):
            wrong(
                "strategy",
                f"แนวทาง {facts.guideline} ไม่รองรับยุทธศาสตร์ที่ {facts.strategy}",
                f"Guideline {facts.guideline} does not serve strategy {facts.strategy}",
            )
    if facts.focus_area and facts.focus_area not in plan.focus_of.get(facts.strategy, ()):
        wrong(
            "focus_area",
            "ด้านสำคัญนี้ไม่ได้อยู่ในยุทธศาสตร์ที่เลือก",
            "This focus area does not belong to the chosen strategy",
        )
    categories = {c.code for c in plan.categories}
    for n, line in enumerate(facts.lines, 1):
        if line.category and line.category not in categories:
            wrong(
                f"{n}-category", f"รายการที่ {n}: ไม่มีประเภทงบรายจ่ายนี้", f"Line {n}: no such category", "budget"
            )
    platforms = {p.code for p in plan.platforms}
    for n, link in enumerate(facts.integration.links, 1):
        if link.channel and link.channel not in platforms:
            wrong(f"{n}-channel", f"การเชื่อมโยงที่ {n}: ไม่มีช่องทางนี้", f"Link {n}: no such channel", "integration")
    curriculum = facts.integration.curriculum
    if curriculum and curriculum not in {c.code for c in plan.curricula}:
        wrong("curriculum", "ไม่มีหลักสูตรนี้", "No such curriculum", "integration")
    return problems


def list_wrong_sums(facts: ProposalFacts) -> list[Problem]:
    """Arithmetic: quarters sum to quantity x unit price, nothing is negative, and lines belong to agencies of the
    proposal."""
    problems = []
    codes = {agency.code for agency in facts.agencies}
    for n, line in enumerate(facts.lines, 1):
        if line.agency and line.agency not in codes:
            problems.append(
                Problem(
                    f"budget-{n}-agency",
                    Text(
                        f"รายการที่ {n}: หน่วยงานนี้ไม่ได้อยู่ในโครงการ",
                        f"Line {n}: this agency is not part of the proposal",
                    ),
                    "budget",
                )
            )
        negative = list(_negative_fields(line))
        problems.extend(
            Problem(
                f"budget-{n}-{field}",
                Text(f"รายการที่ {n}: จำนวนต้องไม่ติดลบ", f"Line {n}: nothing may be negative"),
                "budget",
            )
            for field in negative
        )
        if negative or line.quantity is None or line.unit_price is None:
            continue
        quarters = sum(line.quarters)
        if quarters != line.amount and not line.source:
            problems.append(
                Problem(
                    f"budget-{n}-q1",
                    Text(
                        f"รายการที่ {n}: สี่ไตรมาสรวมได้ {format_baht(quarters)} บาท แต่จำนวน × ราคาต่อหน่วย "
                        f"เท่ากับ {format_baht(line.amount)} บาท (ต่างกัน {format_baht(quarters - line.amount)})",
                        f"Line {n}: the four quarters sum to {format_baht(quarters)} baht but quantity × unit "
                        f"price is {format_baht(line.amount)} baht (difference {format_baht(quarters - line.amount)})",
                    ),
                    "budget",
                )
            )
        if line.amount > LARGEST_SATANG:
            problems.append(
                Problem(
                    f"budget-{n}-unit_price",
                    Text(
                        f"รายการที่ {n}: จำนวนเงินรวมเกิน 1,000,000,000,000 บาท",
                        f"Line {n}: the line exceeds 1,000,000,000,000 baht",
                    ),
                    "budget",
                )
            )
    if not problems and facts.lines and facts.total > LARGEST_SATANG:
        problems.append(
            Problem(
                "budget-rows",
                Text("ยอดรวมเกิน 1,000,000,000,000 บาท", "The total exceeds 1,000,000,000,000 baht"),
                "budget",
            )
        )
    if facts.lines and not problems and facts.total == 0:
        problems.append(Problem("budget-rows", Text("ยอดรวมเป็นศูนย์บาท", "The total is zero baht"), "budget"))
    return problems


def _negative_fields(line: BudgetLine) -> Iterator[str]:
    """The fields of a line below zero; a negative quarter could hide in a right sum."""
    if min(line.quantity or 0, line.unit_price or 0, *line.quarters, *line.later_years) >= 0:
        return iter(())
    amounts = {
        "quantity": line.quantity or 0,
        "unit_price": line.unit_price or 0,
        **{f"q{n}": amount for n, amount in enumerate(line.quarters, 1)},
        **{f"later{n}": amount for n, amount in enumerate(line.later_years, 1)},
    }
    return (field for field, amount in amounts.items() if amount < 0)


def list_problems(facts: ProposalFacts, plan: PlanStructure, limits: Limits) -> list[Problem]:
    """Everything that stands between this draft and its filing, all at once."""
    return [
        *list_missing(facts, plan),
        *list_too_much(facts, limits),
        *list_inconsistent(facts, plan),
        *list_wrong_sums(facts),
        *list_wrong_least(facts),
    ]
