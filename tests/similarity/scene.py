"""Filings that resemble each other, and filings that do not."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.jobs.runner import run_once
from app.kernel.db import db
from app.kernel.outbox import Topics
from app.proposals.drafts import Draft
from app.proposals.models import Submission
from tests.world import NOW, World, budget_row, complete_draft, file_proposal

LINK = {
    "kind": "data",
    "name": "ค่าตรวจวัดน้ำทิ้งของโรงงาน",
    "direction": "consumes",
    "partner": "beta",
    "partner_other": "",
    "channel": "gdx",
}
WATER = {
    "names": {
        "title_th": "ระบบเฝ้าระวังคุณภาพน้ำในแม่น้ำสายหลักด้วยเซนเซอร์อัตโนมัติ",
        "title_en": "Watching the water of main rivers with automatic sensors",
    },
    "rationale": {
        "rationale": "น้ำเสียจากโรงงานริมแม่น้ำเจ้าพระยาและแม่น้ำท่าจีนทำให้ปลาตายเป็นจำนวนมากทุกฤดูแล้ง แต่การเก็บตัวอย่างทำได้เพียง"
        "เดือนละครั้งและรู้ผลช้ากว่าสองสัปดาห์ จึงติดตั้งเซนเซอร์วัดออกซิเจนละลายน้ำและแจ้งเตือนชุมชนริมน้ำทันที",
        "objectives": "ติดตั้งสถานีวัดคุณภาพน้ำอัตโนมัติและเผยแพร่ค่าออกซิเจนละลายน้ำทุกสิบนาที",
        "outputs": "สถานีวัดคุณภาพน้ำอัตโนมัติ 120 สถานี และแผนที่แจ้งเตือนน้ำเสีย",
    },
    "budget": {"rows": [budget_row(item="เซนเซอร์วัดออกซิเจนละลายน้ำพร้อมทุ่นลอย", unit="ชุด")]},
    "integration": {"links": [LINK]},
}
ROADS = {
    "names": {
        "title_th": "ทะเบียนผู้ขับรถรับจ้างและการตรวจประวัติอาชญากรรม",
        "title_en": "A register of hired drivers with criminal records checked",
    },
    "rationale": {
        "rationale": "ผู้โดยสารรถรับจ้างร้องเรียนเรื่องผู้ขับไม่มีใบอนุญาตและเคยต้องโทษ การตรวจประวัติใช้หนังสือราชการหลายฉบับ "
        "จึงเชื่อมฐานข้อมูลใบขับขี่สาธารณะกับทะเบียนประวัติอาชญากรเพื่อออกบัตรประจำตัวผู้ขับรถแบบดิจิทัล",
        "objectives": "ตรวจประวัติผู้ขับรถรับจ้างทุกคนก่อนออกใบอนุญาตขับขี่",
        "outputs": "บัตรประจำตัวผู้ขับรถรับจ้างแบบดิจิทัล",
    },
    "budget": {"rows": [budget_row(item="ค่าพิมพ์บัตรผู้ขับรถและอ่านลายนิ้วมือ", unit="ใบ")]},
    "integration": {"links": [{**LINK, "name": "ประวัติอาชญากร"}]},
}


def draft_of(subject: dict[str, dict[str, Any]], agency: str = "alpha") -> Draft:
    """A complete draft of an agency about a subject."""
    draft = complete_draft(**deepcopy(subject))
    draft["budget"]["rows"][0]["agency"] = agency
    draft["integration"]["links"][0]["partner"] = "beta" if agency != "beta" else "gamma"
    return draft


def file(world: World, subject: dict[str, dict[str, Any]], agency: str = "alpha", at: datetime = NOW) -> int:
    """File and screen a proposal of alpha or beta; returns its id."""
    by = {"alpha": "officer", "beta": "officer_beta"}[agency]
    return file_proposal(world, draft_of(subject, agency), by=by, agency=agency, at=at)


def filing_of(proposal_id: int) -> int:
    """The id of its last filing."""
    found = db.session.scalars(
        select(Submission.id)
        .where(Submission.proposal_id == proposal_id)
        .order_by(Submission.sequence.desc())
    ).first()
    assert found is not None
    return found


def compare_all(app: Flask) -> int:
    """Keep the promises of comparing; returns how many."""
    kept = 0
    while run_once(app, Topics(only=("compare_filing", "compare_draft"))):
        kept += 1
    db.session.rollback()
    db.session.expire_all()
    return kept
