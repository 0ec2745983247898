"""A made-up call of any size, written in bulk: filings with lines, screening runs, reviews. Deterministic."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.calls.actions import load_document, open_call
from app.calls.facts import DocumentKind, Rubric
from app.calls.rules import read_rubric
from app.cli.call_files import DATA, read_toml
from app.identity.actions import add_agency, add_demo_person, add_ministry
from app.identity.facts import SYSTEM, Body, Membership, Role
from app.identity.queries import list_agencies, list_reviewers
from app.kernel.canonical import canonical_json
from app.kernel.db import db
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.drafts import SECTIONS, Draft, empty_draft, facts_from_draft
from app.proposals.facts import Answer, ProposalFacts, item_key
from app.proposals.freezing import freeze
from app.proposals.models import Proposal, ProposalAgency, ProposalDraft, Submission, SubmittedLine
from app.proposals.queries import agency_directory
from app.reviews.models import Assignment
from app.screening.actions import screen_call

NOW = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)
PASSWORD = "made up for measuring"
_YEAR = 2600
_THAI = [
    "ระบบ",
    "บริการ",
    "ข้อมูล",
    "เชื่อมโยง",
    "ทะเบียน",
    "กลาง",
    "ดิจิทัล",
    "ประชาชน",
    "แพลตฟอร์ม",
    "หน่วยงาน",
    "น้ำ",
    "สุขภาพ",
    "เกษตร",
    "จัดซื้อ",
]


@dataclass(frozen=True, slots=True)
class MadeUp:
    """What was made: ids by kind, for the pages to open."""

    fiscal_year: int
    call_id: int
    proposal_ids: list[int]
    draft_id: int
    open_assignments: list[int]


def make_up(proposals: int, lines: int, reviews_each: int, fiscal_year: int = _YEAR) -> MadeUp:
    """Write a call of `proposals` filings with `lines` budget lines and `reviews_each` finished reviews."""
    chance = random.Random(f"{fiscal_year}-{proposals}")
    reviewers = _people_and_agencies(fiscal_year)
    with open_work(SYSTEM, NOW) as work:
        for kind in DocumentKind:
            load_document(work, kind, read_toml(DATA / f"{kind.value}-2567.toml"))
        call = open_call(
            work,
            {
                **read_toml(DATA / "call-2567.toml"),
                "fiscal_year": fiscal_year,
                "opens_at": NOW - timedelta(days=5),
                "closes_at": NOW + timedelta(days=5),
                "ceiling_baht": "20,000,000,000",
            },
        )
        call_id, rubric_id = call.id, call.rubric_id
        documents = {"plan_id": call.plan_id, "rubric_id": rubric_id, "rulebook_id": call.rulebook_id}
    rubric = read_rubric(read_toml(DATA / "rubric-2567.toml"))
    directory = agency_directory(db.session())
    ids = {a.code: a.id for a in list_agencies(db.session())}
    codes = [c for c in ids if c.startswith("made-")]
    rows: dict[type, list[dict[str, object]]] = {
        m: [] for m in (Proposal, ProposalAgency, ProposalDraft, Submission, SubmittedLine, Assignment)
    }
    first = fiscal_year * 100_000
    for n in range(1, proposals + 1):
        lead = codes[n % len(codes)]
        draft = _draft(chance, n, lead, codes[(n + 7) % len(codes)], lines)
        facts = facts_from_draft(
            draft,
            fiscal_year=fiscal_year,
            number=f"{fiscal_year}-{n:04d}",
            origin="synthetic",
            lead=directory[lead],
            directory=directory,
            attachments=(),
        )
        facts = _confirmed(facts)
        frozen, pid = freeze(facts), first + n
        rows[Proposal].append(
            {
                "id": pid,
                "call_id": call_id,
                "number": facts.number,
                "lead_agency_id": ids[lead],
                "state": "passed",
                "version": 1,
                "title_th": facts.title.th,
                "title_en": facts.title.en,
                "stage": facts.stage,
                "guideline": facts.guideline,
                "strategy": facts.strategy,
                "focus_area": facts.focus_area,
                "total": facts.total,
                "search_key": facts.title.th,
                "created_at": NOW,
                "updated_at": NOW,
                "submitted_at": NOW,
                "facts_sha256": frozen.sha256,
            }
        )
        rows[ProposalAgency].append(
            {"proposal_id": pid, "agency_id": ids[lead], "is_lead": True, "amount": facts.total}
        )
        rows[ProposalDraft].append(
            {
                "proposal_id": pid,
                "content": canonical_json(draft),
                "section_versions": canonical_json(dict.fromkeys(SECTIONS, 1)),
                "updated_at": NOW,
            }
        )
        rows[Submission].append(
            {
                "id": pid,
                "proposal_id": pid,
                "sequence": 1,
                "receipt_number": f"R{facts.number}-1",
                "idempotency_key": f"made-{pid}",
                "submitted_at": NOW,
                "content": frozen.content,
                "sha256": frozen.sha256,
                "total": facts.total,
                **documents,
            }
        )
        for position, line in enumerate(facts.lines, 1):
            rows[SubmittedLine].append(
                {
                    "submission_id": pid,
                    "position": position,
                    "agency_id": ids[lead],
                    "category": line.category,
                    "item": line.item,
                    "item_key": item_key(line.item, line.unit),
                    "quantity": line.quantity,
                    "unit": line.unit,
                    "unit_price": line.unit_price,
                    "amount": line.amount,
                    "q0": 0,
                    **{f"q{q}": line.quarters[q - 1] for q in (1, 2, 3, 4)},
                    **{f"later{y}": 0 for y in (1, 2, 3, 4)},
                    "source": "",
                }
            )
        rows[Assignment] += _reviews(chance, pid, reviewers, reviews_each, rubric, rubric_id)
    draft_id, open_ids = first + proposals + 1, []
    _add_draft(rows, chance, draft_id, call_id, codes[0], ids, fiscal_year, lines)
    for n in range(min(proposals, 60)):
        open_ids.append(first + n + 1)
        rows[Assignment].append(
            {
                **rows[Assignment][0],
                "id": first + n + 1,
                "proposal_id": first + n + 1,
                "reviewer_id": reviewers[-1],
                "submitted_at": None,
                "updated_at": None,
                "total": None,
                "first_total": None,
                "scores": "{}",
            }
        )
    with open_work(SYSTEM, NOW) as work:
        for model, values in rows.items():
            if values:
                work.session.execute(model.__table__.insert(), values)  # type: ignore[attr-defined]
        screen_call(work, fiscal_year)
    return MadeUp(fiscal_year, call_id, [first + n for n in range(1, proposals + 1)], draft_id, open_ids)


def _confirmed(facts: ProposalFacts) -> ProposalFacts:
    """The same, with every link confirmed by its partner: what is measured passes screening."""
    links = tuple(replace(link, answer=Answer.CONFIRMED, own_money=False) for link in facts.integration.links)
    return replace(facts, integration=replace(facts.integration, links=links))


def _people_and_agencies(fiscal_year: int) -> list[int]:
    """Sixty agencies and the people of the measurement, once; returns reviewer ids, the free one last."""
    with open_work(SYSTEM, NOW) as work:
        if not any(a.code == "made-00" for a in list_agencies(work.session)):
            agencies = []
            for m in range(12):
                ministry = add_ministry(work, f"made-m{m}", Text(f"กระทรวงตัวอย่างที่ {m}", f"Ministry {m}"))
                for a in range(5):
                    code = f"made-{m * 5 + a:02d}"
                    name = Text(f"กรมตัวอย่างเพื่อการวัดที่ {code[5:]}", f"Department {code[5:]}")
                    agencies.append(add_agency(work, code, name, ministry.id).id)
            office = add_ministry(work, "made-office", Text("สำนักตัวอย่าง", "Office"))
            body = add_agency(work, "body", Text("หน่วยพิจารณา", "Reviewing body"), office.id).id
            people: list[tuple[str, Membership]] = [
                ("officer", Membership(Role.OFFICER, agencies[0])),
                ("secretariat", Membership(Role.SECRETARIAT)),
                ("committee", Membership(Role.COMMITTEE)),
                *((f"reviewer{n}", Membership(Role.REVIEWER, body, Body.DGA)) for n in range(7)),
            ]
            for login, membership in people:
                add_demo_person(work, f"{login}@made.example", Text(login, login), PASSWORD, [membership])
    return [user_id for user_id, _name, _body, _belongs in list_reviewers(db.session())]


def _reviews(
    chance: random.Random, proposal_id: int, reviewers: list[int], each: int, rubric: Rubric, rubric_id: int
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for reviewer in chance.sample(reviewers[:-1], each):
        levels = {c.code: chance.choice((1, 2, 3)) for c in rubric.criteria}
        rows.append(
            {
                "id": proposal_id * 10 + len(rows),
                "proposal_id": proposal_id,
                "reviewer_id": reviewer,
                "body": "dga",
                "assigned_at": NOW,
                "state": "accepted",
                "version": 1,
                "updated_at": NOW,
                "submitted_at": NOW,
                "total": (total := sum(c.weight * levels[c.code] * 25 for c in rubric.criteria)),
                "first_total": total,
                "scores": canonical_json({k: {"level": v, "comment": ""} for k, v in levels.items()}),
                "rubric_id": rubric_id,
            }
        )
    return rows


def _add_draft(
    rows: dict[type, list[dict[str, object]]],
    chance: random.Random,
    draft_id: int,
    call_id: int,
    lead: str,
    ids: dict[str, int],
    fiscal_year: int,
    lines: int,
) -> None:
    draft = _draft(chance, 0, lead, "made-01", lines)
    rows[Proposal].append(
        {
            **rows[Proposal][0],
            "id": draft_id,
            "number": f"{fiscal_year}-9999",
            "lead_agency_id": ids[lead],
            "state": "draft",
            "submitted_at": None,
            "facts_sha256": None,
        }
    )
    rows[ProposalAgency].append(
        {"proposal_id": draft_id, "agency_id": ids[lead], "is_lead": True, "amount": 0}
    )
    rows[ProposalDraft].append(
        {**rows[ProposalDraft][0], "proposal_id": draft_id, "content": canonical_json(draft)}
    )


def _words(chance: random.Random, count: int) -> str:
    return "".join(chance.choice(_THAI) for _ in range(count))


def _draft(chance: random.Random, n: int, lead: str, partner: str, lines: int) -> Draft:
    draft = empty_draft()
    draft["names"] |= {"title_th": f"โครงการ{_words(chance, 6)} {n}", "title_en": f"Made-up project {n}"}
    guideline, stage, strategy, focus = (
        ("1.1", "upstream", "1", ""),
        ("2.1", "midstream", "1", ""),
        ("3.1", "downstream", "2", "1"),
    )[n % 3]
    draft["plan"] |= {"stage": stage, "guideline": guideline, "strategy": strategy, "focus_area": focus}
    draft["integration"] |= {
        "forms": ["link"],
        "links": [
            {
                "kind": "data",
                "name": _words(chance, 3),
                "direction": "both",
                "partner": partner,
                "partner_other": "",
                "channel": "gdx",
            }
        ],
    }
    draft["rationale"] |= {k: _words(chance, 60) for k in ("rationale", "objectives", "outputs")}
    draft["indicators"]["rows"] = [
        {"name": _words(chance, 4), "unit": "ร้อยละ", "baseline": "0", "target": "80"}
    ]
    for _ in range(lines):
        price, quantity = chance.randrange(10_000, 3_000_000) * 100, chance.randrange(1, 9)
        amount = price * quantity
        quarter = amount // 4
        row = {
            "agency": lead,
            "category": chance.choice(("operations", "capital", "other")),
            "item": _words(chance, 8),
            "quantity": str(quantity),
            "unit": "ระบบ",
            "unit_price": f"{price // 100}.{price % 100:02d}",
        }
        parts = (quarter, quarter, quarter, amount - 3 * quarter)
        row |= {f"q{q}": f"{v // 100}.{v % 100:02d}" for q, v in enumerate(parts, 1)}
        row |= {f"later{y}": "" for y in (1, 2, 3, 4)}
        draft["budget"]["rows"].append(row)
    return draft
