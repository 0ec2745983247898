"""A release and the catalogue: what would be sent, and sending it, as often as it takes and never twice.

What stands there is read first, and only what differs is sent: the dataset of the year (one for all its releases) and its
files, each told by its SHA-256. So a sending that broke off is simply begun again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.kernel.catalogue_settings import CatalogueSettings
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.releases.catalogue import FILES, NOT_SET, Step, dataset
from app.releases.ckan import CatalogueFault, Ckan, Upload
from app.releases.datafiles import media_type
from app.releases.facts import PublicYear
from app.releases.queries.published import ReleaseFile

ATTEMPTS = 3
NOT_KEPT = Text(
    "ส่งครบแล้วแต่เซิร์ฟเวอร์แสดงไม่ตรงกับที่ส่ง: {what}", "All was sent, but the server shows something else: {what}"
)

Read = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is to stand in the catalogue: the dataset as CKAN takes it, and its files."""

    dataset: Mapping[str, Any]
    files: tuple[ReleaseFile, ...]


def parcel(
    year: PublicYear, sha256: str, files: Sequence[ReleaseFile], settings: CatalogueSettings, site: str
) -> Parcel:
    """What a release puts into the catalogue."""
    told = dataset(year, sha256, settings.email, settings.organization, site)
    return Parcel(told, tuple(f for name in FILES for f in files if f.name == name))


def plan(sent: Parcel, found: Mapping[str, Any] | None) -> list[Step]:
    """What is to be done where the catalogue holds `found`."""
    steps = [Step("create" if found is None else "update" if _differs(sent, found) else "same", "", 0)]
    there = {r.get("name"): r for r in (found or {}).get("resources", ())}
    for file in sent.files:
        resource = there.get(file.name)
        verb = "create" if resource is None else "same" if resource.get("hash") == file.sha256 else "update"
        steps.append(Step(verb, file.name, file.size))
    return steps


def _differs(sent: Parcel, found: Mapping[str, Any]) -> bool:
    def of(key: str, value: Any) -> Any:
        if key == "tags":
            return sorted(tag.get("name", "") for tag in value or ())
        return value

    told = {**found, "owner_org": (found.get("organization") or {}).get("name", found.get("owner_org"))}
    return any(of(key, told.get(key)) != of(key, value) for key, value in sent.dataset.items())


def look(sent: Parcel, settings: CatalogueSettings, ckan: Ckan | None = None) -> list[Step]:
    """What would be sent: the server is read where one is set, and nothing is written. Raises `CatalogueFault`."""
    if not settings.url:
        return plan(sent, None)
    return plan(sent, (ckan or Ckan(settings)).find("package_show", id=sent.dataset["name"]))


def send(
    sent: Parcel,
    settings: CatalogueSettings,
    read: Read,
    tell: Callable[[Step], object] = lambda _step: None,
    ckan: Ckan | None = None,
    pause: Callable[[float], object] = time.sleep,
) -> list[Step]:
    """Send what differs; returns what was done. `read` gives the bytes of a SHA-256. What may pass is tried again. Raises
    `Refused` where a setting is missing, and `CatalogueFault`."""
    if missing := settings.missing:
        raise Refused(
            NOT_SET.fill(name=", ".join(missing)), [Problem("catalogue", NOT_SET.fill(name=missing[0]))]
        )
    ckan = ckan or Ckan(settings)
    done: list[Step] = []

    def note(step: Step) -> None:
        done.append(step)
        tell(step)

    for attempt in range(1, ATTEMPTS + 1):
        try:
            _send_once(sent, read, note, ckan)
            break
        except CatalogueFault as fault:
            if not fault.is_passing or attempt == ATTEMPTS:
                raise
            pause(2**attempt)
    return done


def _send_once(sent: Parcel, read: Read, note: Callable[[Step], object], ckan: Ckan) -> None:
    name = sent.dataset["name"]
    found = ckan.find("package_show", id=name)
    steps = plan(sent, found)
    if steps[0].verb == "create":
        found = ckan.call("package_create", sent.dataset)
        note(steps[0])
    elif steps[0].verb == "update":
        # an update leaves out nothing: what it does not name, the files among it, would be gone
        found = ckan.call("package_update", {**(found or {}), **sent.dataset})
        note(steps[0])
    there = {r["name"]: r["id"] for r in (found or {}).get("resources", ())}
    files = {file.name: file for file in sent.files}
    for step in steps[1:]:
        if step.verb == "same":
            continue
        file = files[step.name]
        fields = {
            "name": file.name,
            "format": file.name.rpartition(".")[2].upper(),
            "mimetype": media_type(file.name).partition(";")[0],
            "hash": file.sha256,
        }
        upload = Upload(file.name, media_type(file.name), read(file.sha256))
        if step.verb == "update":
            ckan.call("resource_patch", {"id": there[file.name], **fields}, upload)
        else:
            ckan.call("resource_create", {"package_id": (found or {})["id"], **fields}, upload)
        note(step)
    _look_again(sent, ckan)


def _look_again(sent: Parcel, ckan: Ckan) -> None:
    """Read back what was sent: a server may say yes and keep something else."""
    steps = plan(sent, ckan.find("package_show", id=sent.dataset["name"]))
    # what the server adds to or writes differently in the dataset's own words is its business; files are not
    wrong = [step.name for step in steps[1:] if step.verb != "same"]
    if wrong:
        raise CatalogueFault(NOT_KEPT.fill(what=", ".join(wrong)))
