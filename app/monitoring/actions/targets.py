"""The cabinet's targets are loaded, in versions."""

from __future__ import annotations

from sqlalchemy import select

from app.calls.toml_text import FileRefused, read_toml_text
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.errors import Refused
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.values import freeze_value
from app.kernel.work import Work
from app.monitoring.models import TargetSet
from app.monitoring.targets import Targets, read_targets

FROZEN = Text(
    "มีเป้าหมายฉบับที่ {version} ของปีงบประมาณ {year} อยู่แล้วและเนื้อหาต่างกัน กรุณาใช้เลขฉบับใหม่",
    "Version {version} of the targets of fiscal year {year} is there already with other content; use a new version",
)


@dataclass(frozen=True, slots=True)
class LoadedTargets:
    """What became of a file. `is_new` is false where this very content was there already."""

    targets: Targets
    is_new: bool


def load_targets(work: Work[Actor], data: bytes) -> LoadedTargets:
    """Keep a file of targets as a version. Raises `FileRefused` with every fault and its line."""
    require(work.actor, Permission.MANAGE_MONITORING)
    file = read_toml_text(data)
    faults = list(file.faults)
    try:
        targets = read_targets(file.document)
    except Refused as refusal:
        raise FileRefused([*faults, *(file.fault(p.place, p.text) for p in refusal.problems)]) from None
    if faults:
        raise FileRefused(faults)
    content = canonical_json(freeze_value(targets))
    sha256 = sha256_text(content)
    kept = work.session.scalar(
        select(TargetSet.sha256).where(
            TargetSet.fiscal_year == targets.fiscal_year, TargetSet.version == targets.version
        )
    )
    if kept is not None:
        if kept != sha256:
            words = FROZEN.fill(version=targets.version, year=targets.fiscal_year)
            raise FileRefused([file.fault("version", words)])
        return LoadedTargets(targets, False)
    work.session.add(
        TargetSet(
            fiscal_year=targets.fiscal_year,
            version=targets.version,
            content=content,
            sha256=sha256,
            loaded_at=work.now,
            loaded_by=work.actor.id,
        )
    )
    work.audit("load_targets", f"targets:{targets.fiscal_year}-{targets.version}", after=sha256)
    return LoadedTargets(targets, True)
