"""Carrying over: a draft of this call from what an earlier filing of the same agency said.

In: the facts of the earlier filing, the plan it was filed under, this call's plan, and the register of agencies as it
is now. Out: a draft, the parts that wait for its participants, and a note for everything that could not come along as
it stood, with the reason.
Why: a project runs for years and is asked for every year. What still holds is not typed again; what belongs to the
old year (quarters, partners' answers, files, signatures) is not taken for this year's word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.calls.facts import Limits, PlanStructure
from app.kernel.lean import dataclass
from app.kernel.money import decimal_baht, format_baht
from app.kernel.text import Text
from app.proposals.drafts import (
    LATER_KEYS,
    LATER_YEARS,
    PART_SECTIONS,
    QUARTER_KEYS,
    Draft,
    Part,
    empty_draft,
    empty_part,
    facts_from_draft,
)
from app.proposals.facts import (
    LINK_KIND_NAMES,
    AgencyRef,
    BudgetLine,
    Direction,
    Form,
    Indicator,
    IntegrationLink,
    ProposalFacts,
)
from app.proposals.rules import list_too_much

_MOST_NUMBERS = 12  # row numbers named in one note

_NAMES = {
    "stages": Text("ช่วงของห่วงโซ่คุณค่า", "The value-chain stage"),
    "guidelines": Text("แนวทาง", "The guideline"),
    "strategies": Text("ยุทธศาสตร์", "The strategy"),
    "focus_areas": Text("ด้านสำคัญ", "The focus area"),
    "categories": Text("ประเภทงบรายจ่าย", "The expenditure category"),
    "platforms": Text("ช่องทางการเชื่อมโยง", "The channel"),
    "curricula": Text("หลักสูตร", "The curriculum"),
}
GONE = Text(
    "{what} “{was}” ไม่มีในแผนของปี {year} กรุณาเลือกใหม่",
    "{what} “{was}” is not in the plan of FY {year}; choose again",
)
MOVED = Text(
    "{what} “{was}” ใช้รหัส {code} ในแผนของปี {year} (เดิม {before}) เลือกให้ตามชื่อแล้ว",
    "{what} “{was}” has the code {code} in the plan of FY {year} (it was {before}); chosen by its name",
)
RENAMED = Text(
    "{what} รหัส {code} เดิมชื่อ “{was}” แผนของปี {year} ชื่อ “{now}” กรุณาตรวจว่ายังเป็นเรื่องเดียวกัน",
    "{what} with the code {code} was “{was}” and is “{now}” in the plan of FY {year}; check that it is still the same",
)
OTHER_STAGE = Text(
    "แนวทางนี้อยู่ในช่วง “{now}” ของแผนปี {year} (เดิม “{was}”) เลือกช่วงให้ตรงกับแนวทางแล้ว",
    "This guideline belongs to “{now}” in the plan of FY {year} (it was “{was}”); the stage follows the guideline",
)
NOT_SERVED = Text(
    "แนวทางที่เลือกไม่รองรับยุทธศาสตร์ “{was}” ในแผนของปี {year} กรุณาเลือกใหม่",
    "The guideline does not serve the strategy “{was}” in the plan of FY {year}; choose again",
)
NOT_BELOW = Text(
    "ด้านสำคัญ “{was}” ไม่ได้อยู่ในยุทธศาสตร์ที่ยกมา กรุณาเลือกใหม่",
    "The focus area “{was}” does not belong to a strategy that was carried; choose again",
)
NO_ENGLISH = Text(
    "โครงการเดิมไม่มีชื่อภาษาอังกฤษ กรุณากรอก", "The earlier project has no name in English; enter one"
)
AGENCY_GONE = Text(
    "ไม่พบ “{agency}” ในทะเบียนหน่วยงานแล้ว จึงไม่อยู่ในหน่วยงานร่วม",
    "“{agency}” is no longer in the register, so it is not among the participants",
)
USER_GONE = Text(
    "ไม่พบหน่วยงานผู้ใช้บริการ “{agency}” ในทะเบียนหน่วยงานแล้ว จึงไม่ได้ยกมา",
    "“{agency}”, which used the service, is no longer in the register and was left out",
)
PARTNER_GONE = Text(
    "ไม่พบหน่วยงานคู่เชื่อม “{agency}” ในทะเบียนหน่วยงานแล้ว คงชื่อไว้เป็นข้อความ",
    "The partner “{agency}” is no longer in the register; its name is kept as text",
)
ASK_AGAIN = Text(
    "คำยืนยันของหน่วยงานคู่เชื่อมเป็นของปี {old} กรุณาขอคำยืนยันใหม่",
    "What the partners confirmed was for FY {old}; ask them again",
)
WAITS = Text(
    "{what} {count} รายการของ “{agency}” จะอยู่ในส่วนของหน่วยงานนั้นเมื่อตอบรับเข้าร่วม",
    "“{agency}”: {what} ({count}) will stand in its own part once it joins",
)
LOST_CLAIM = Text(
    "{what} {count} รายการของ “{agency}” ไม่ได้ยกมา เพราะหน่วยงานนี้ไม่อยู่ในโครงการแล้ว",
    "“{agency}”: {what} ({count}) left out, because the agency is no longer in the project",
)
_LINKS = Text("การเชื่อมโยง", "links")
_INDICATORS = Text("ตัวชี้วัด", "indicators")
BASELINES = Text(
    "ค่าฐานคือเป้าหมายของปี {old} ไม่ใช่ผลที่เกิดขึ้นจริง กรุณาแก้เมื่อทราบผล และตั้งเป้าหมายของปี {year}",
    "The baselines are the targets of FY {old}, not its results; mend them where the results are known, and set the "
    "targets of FY {year}",
)
QUARTERS = Text(
    "แผนรายไตรมาสเป็นของปี {old} จึงเว้นว่างไว้ กรุณากรอกของปี {year}",
    "The quarters belonged to FY {old} and are left empty; enter those of FY {year}",
)
COMMITTED = Text(
    "ปี {old} ผูกพันงบประมาณปี {year} ไว้แล้ว {amount} บาท ({lines}) กรุณาปรับจำนวนและราคาให้ตรงกับที่ผูกพันไว้",
    "FY {old} committed {amount} baht for FY {year} already ({lines}); bring quantities and prices into line with it",
)
PASSED_YEARS = Text(
    "ข้อผูกพันของปีที่ผ่านไปแล้ว {amount} บาท ไม่ได้ยกมา",
    "Commitments of {amount} baht for years that have passed were left out",
)
LEAST_OF_OLD = Text(
    "วงเงินขั้นต่ำที่ยังดำเนินโครงการได้ของปี {old} ({amount} บาท) ไม่ได้ยกมา หากปีนี้ดำเนินการด้วยวงเงินน้อยกว่าที่ขอได้ กรุณากรอกของปี {year}",
    "The smallest amount the project worked with in FY {old} ({amount} baht) was left out; if less than the whole would do "
    "this year, too, state it for FY {year}",
)
NO_LINE_AGENCY = Text(
    "{lines} เป็นของหน่วยงานที่ไม่อยู่ในโครงการแล้ว กรุณาเลือกหน่วยงานหรือลบรายการ",
    "{lines}: the agency is no longer in the project; choose another or remove the line",
)
FILES = Text(
    "เอกสารแนบของปี {old} {count} ไฟล์ ไม่ได้ยกมา กรุณาแนบฉบับปัจจุบัน",
    "Attachments of FY {old} ({count}) were left out; attach what holds now",
)
FROM_DOCUMENTS = Text(
    "โครงการปี {old} อ่านจากเอกสารงบประมาณที่เผยแพร่ ซึ่งมีเพียงชื่อโครงการและรายการ แนวทางเป็นการเทียบเคียงโดยผู้จัดทำระบบ กรุณาตรวจ",
    "The project of FY {old} was read from published budget documents, which hold its name and lines only; the "
    "guideline is this system's own mapping, so check it",
)
_LINE = Text("รายการที่ {numbers}", "line {numbers}")
_MORE = Text("{numbers} และอื่น ๆ", "{numbers} and more")


@dataclass(frozen=True, slots=True)
class Note:
    """What did not come along as it stood, in which section, and why."""

    section: str
    text: Text


@dataclass(frozen=True, slots=True)
class Carried:
    """A draft made from an earlier filing. `parts` holds by agency code the links and indicators of participants: they
    wait until the agency joins, while its budget lines stand in the lead's draft and are handed over then."""

    draft: Draft
    parts: Mapping[str, Part]
    notes: tuple[Note, ...]

    def notes_of(self, section: str) -> tuple[Note, ...]:
        return tuple(note for note in self.notes if note.section == section)


def carry(
    source: ProposalFacts,
    source_plan: PlanStructure,
    *,
    plan: PlanStructure,
    fiscal_year: int,
    lead: AgencyRef,
    directory: Mapping[str, AgencyRef],
    limits: Limits,
) -> Carried:
    """What a call of `fiscal_year` can begin with from `source`, filed under `source_plan`. `directory` maps the codes
    of the agencies there are now; `lead` is the one that led the source. Raises `ValueError` unless the source is of an
    earlier year."""
    if fiscal_year <= source.fiscal_year:
        raise ValueError(f"fiscal year {source.fiscal_year} is not before {fiscal_year}")
    return _Carrying(source, source_plan, plan, fiscal_year, lead, directory).all(limits)


def committed_for(line: BudgetLine, years: int) -> int:
    """What a line of a filing committed for the fiscal year that came `years` after it, satang."""
    return line.later_years[years - 1] if 0 < years <= len(line.later_years) else 0


class _Carrying:
    """One carrying over, collecting notes on its way."""

    def __init__(
        self,
        source: ProposalFacts,
        source_plan: PlanStructure,
        plan: PlanStructure,
        year: int,
        lead: AgencyRef,
        directory: Mapping[str, AgencyRef],
    ):
        self.source, self.old_plan, self.plan, self.year = source, source_plan, plan, year
        self.lead, self.directory = lead, directory
        self.notes: list[Note] = []
        self.codes: dict[tuple[str, str], str] = {}
        self.by_name = {agency.name.th: code for code, agency in directory.items()}
        self.participants: list[str] = []
        self.parts: dict[str, Part] = {}

    def note(self, section: str, text: Text, **values: object) -> None:
        self.notes.append(Note(section, text.fill(year=self.year, old=self.source.fiscal_year, **values)))

    def all(self, limits: Limits) -> Carried:
        draft = empty_draft() | {
            "names": self._names(),
            "plan": self._plan(),
            "integration": self._integration(),
            "rationale": {
                "rationale": self.source.rationale,
                "objectives": self.source.objectives,
                "outputs": self.source.outputs,
            },
            "indicators": self._indicators(),
            "budget": self._budget(),
        }
        if self.source.attachments:
            self.note("attachments", FILES, count=len(self.source.attachments))
        facts = facts_from_draft(
            draft,
            fiscal_year=self.year,
            number="",
            origin="",
            lead=self.lead,
            directory=self.directory,
            attachments=(),
        )
        self.notes += [Note(problem.section, problem.text) for problem in list_too_much(facts, limits)]
        return Carried(draft, self.parts, tuple(self.notes))

    def _names(self) -> dict[str, object]:
        title = self.source.title
        # an import without an English name puts the Thai one in its place
        english = "" if title.en == title.th else title.en
        if not english:
            self.note("names", NO_ENGLISH)
        for agency in self.source.participants:
            code = self._agency(agency)
            if not code:
                self.note("names", AGENCY_GONE, agency=agency.name)
            elif code != self.lead.code and code not in self.participants:
                self.participants.append(code)
        self.parts = {code: empty_part() for code in self.participants}
        return {"title_th": title.th, "title_en": english, "participants": list(self.participants)}

    def _agency(self, agency: AgencyRef) -> str:
        """The code an agency has now: its own, or that of the agency with its official name; "" for none."""
        if agency.code == self.source.lead.code:
            return self.lead.code
        return agency.code if agency.code in self.directory else self.by_name.get(agency.name.th, "")

    def _code(self, section: str, key: str, code: str) -> str:
        """The code this call's plan has for what `code` was in the source's; "" for none. One note for each."""
        if not code:
            return ""
        if (key, code) not in self.codes:
            self.codes[key, code] = self._find_code(section, key, code)
        return self.codes[key, code]

    def _find_code(self, section: str, key: str, code: str) -> str:
        offered: dict[str, Text] = {choice.code: choice.name for choice in getattr(self.plan, key)}
        was = self.old_plan.names.get((key, code))
        if was is None or (code in offered and offered[code].th == was.th):
            if code not in offered:
                self.note(section, GONE, what=_NAMES[key], was=code)
            return code if code in offered else ""
        same = [other for other, name in offered.items() if name.th == was.th]
        if len(same) == 1:
            self.note(section, MOVED, what=_NAMES[key], was=was, code=same[0], before=code)
            return same[0]
        if code in offered:
            self.note(section, RENAMED, what=_NAMES[key], was=was, now=offered[code], code=code)
            return code
        self.note(section, GONE, what=_NAMES[key], was=was)
        return ""

    def _plan(self) -> dict[str, str]:
        source, plan = self.source, self.plan
        if source.origin == "imported":
            self.note("plan", FROM_DOCUMENTS)
        guideline = self._code("plan", "guidelines", source.guideline)
        if guideline:
            stage = plan.stage_of[guideline]
            was, now = self.old_plan.name("stages", source.stage), plan.name("stages", stage)
            if source.stage and was.th != now.th:
                self.note("plan", OTHER_STAGE, was=was, now=now)
        else:
            stage = self._code("plan", "stages", source.stage)
        strategy = self._code("plan", "strategies", source.strategy)
        if strategy and guideline and strategy not in plan.guideline_strategies.get(guideline, ()):
            self.note("plan", NOT_SERVED, was=self.old_plan.name("strategies", source.strategy))
            strategy = ""
        focus_area = self._code("plan", "focus_areas", source.focus_area)
        if focus_area and focus_area not in plan.focus_of.get(strategy, ()):
            self.note("plan", NOT_BELOW, was=self.old_plan.name("focus_areas", source.focus_area))
            focus_area = ""
        return {"stage": stage, "guideline": guideline, "strategy": strategy, "focus_area": focus_area}

    def _integration(self) -> dict[str, object]:
        i, own = self.source.integration, []
        claims: dict[str, list[dict[str, str]]] = {}
        for link in i.links:
            row = self._link(link)
            if self._is_lead(link.agency):
                own.append(row)
            else:
                claims.setdefault(link.agency, []).append(row)
        self._hand_out("links", "integration", _LINKS, claims)
        if any(link.partner for link in i.links):
            self.note("integration", ASK_AGAIN)
        users = []
        for agency in i.shared_service.users:
            code = self._agency(agency)
            if not code:
                self.note("integration", USER_GONE, agency=agency.name)
            elif code not in users:
                users.append(code)
        return {
            "forms": [form for form in i.forms if form in list(Form)],
            "links": own,
            "curriculum": self._code("integration", "curricula", i.curriculum),
            "curriculum_detail": i.curriculum_detail,
            "standard": i.standard,
            "standard_scope": i.standard_scope,
            "service_name": i.shared_service.name,
            "service_free": {True: "yes", False: "no", None: ""}[i.shared_service.free],
            "service_all": i.shared_service.all_agencies,
            "service_users": users,
        }

    def _link(self, link: IntegrationLink) -> dict[str, str]:
        partner, other = "", link.partner_other
        if link.partner is not None:
            partner = self._agency(link.partner)
            if not partner:
                other = other or link.partner.name.th
                self.note("integration", PARTNER_GONE, agency=link.partner.name)
        return {
            "kind": link.kind if link.kind in LINK_KIND_NAMES else "",
            "name": link.name,
            "direction": link.direction if link.direction in list(Direction) else "",
            "partner": partner,
            "partner_other": other,
            "channel": self._code("integration", "platforms", link.channel),
        }

    def _indicators(self) -> dict[str, object]:
        own: list[dict[str, str]] = []
        claims: dict[str, list[dict[str, str]]] = {}
        for indicator in self.source.indicators:
            row = _next_year(indicator)
            if self._is_lead(indicator.agency):
                own.append(row)
            else:
                claims.setdefault(indicator.agency, []).append(row)
        self._hand_out("indicators", "indicators", _INDICATORS, claims)
        if self.source.indicators:
            self.note("indicators", BASELINES)
        return {"rows": own}

    def _is_lead(self, claimant: str) -> bool:
        return claimant == "" or self._code_of(claimant) == self.lead.code

    def _code_of(self, code: str) -> str:
        """The code now of an agency of the source, known there by `code`; "" once it is no longer in the project."""
        agency = next((a for a in self.source.agencies if a.code == code), None)
        now = self._agency(agency) if agency else ""
        return now if now == self.lead.code or now in self.participants else ""

    def _hand_out(
        self, in_part: str, section: str, what: Text, claims: Mapping[str, list[dict[str, str]]]
    ) -> None:
        """What participants claimed waits for them in their parts."""
        assert in_part in PART_SECTIONS
        names = {agency.code: agency.name for agency in self.source.agencies}
        for claimant, rows in claims.items():
            code = self._code_of(claimant)
            said = WAITS if code else LOST_CLAIM
            name = names.get(claimant, Text(claimant, claimant))
            self.note(section, said, what=what, count=len(rows), agency=name)
            if code:
                self.parts[code][in_part]["rows"].extend(rows)

    def _budget(self) -> dict[str, object]:
        lines, years = self.source.lines, self.year - self.source.fiscal_year
        rows = [self._line(line, years) for line in lines]
        if rows:
            self.note("budget", QUARTERS)
        strays = [n for n, row in enumerate(rows, 1) if not row["agency"]]
        if strays:
            self.note("budget", NO_LINE_AGENCY, lines=_numbers(strays))
        due = [n for n, line in enumerate(lines, 1) if committed_for(line, years)]
        if due:
            amount = format_baht(sum(committed_for(line, years) for line in lines))
            self.note("budget", COMMITTED, amount=amount, lines=_numbers(due))
        passed = sum(sum(line.later_years[: years - 1]) for line in lines)
        if passed:
            self.note("budget", PASSED_YEARS, amount=format_baht(passed))
        reduced = self.source.reduced
        if reduced is not None and reduced.amount is not None:
            self.note("budget", LEAST_OF_OLD, amount=format_baht(reduced.amount))
        return {"rows": rows}

    def _line(self, line: BudgetLine, years: int) -> dict[str, str]:
        later = (*line.later_years[years:], *(0,) * LATER_YEARS)[:LATER_YEARS]
        return {
            "agency": self._code_of(line.agency) if line.agency else "",
            "category": self._code("budget", "categories", line.category),
            "item": line.item,
            "quantity": "" if line.quantity is None else str(line.quantity),
            "unit": line.unit,
            "unit_price": "" if line.unit_price is None else decimal_baht(line.unit_price),
            **dict.fromkeys(QUARTER_KEYS, ""),
            **{
                key: decimal_baht(satang) if satang else ""
                for key, satang in zip(LATER_KEYS, later, strict=True)
            },
        }


def _next_year(indicator: Indicator) -> dict[str, str]:
    return {
        "name": indicator.name,
        "unit": indicator.unit,
        "baseline": indicator.target or indicator.baseline,
        "target": "",
    }


def _numbers(numbers: Sequence[int]) -> Text:
    named = ", ".join(str(n) for n in numbers[:_MOST_NUMBERS])
    text: object = named if len(numbers) <= _MOST_NUMBERS else _MORE.fill(numbers=named)
    return _LINE.fill(numbers=text)
