"""`./dgi publish-ckan`, `./dgi export-emenscr`: what the public is told, from the command line."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import click
from flask import current_app

from app.cli.database import on_database
from app.kernel.db import db
from app.kernel.errors import DomainError
from app.kernel.files import StorageFault
from app.kernel.text import Text
from app.releases.catalogue import VERBS, Step
from app.releases.ckan import CatalogueFault
from app.releases.facts import PublicYear
from app.releases.making import release_store, thaw_release
from app.releases.queries import PublishedRow, find_current, list_published
from app.releases.sending import look, parcel, send

NOT_PUBLISHED = Text("ปีงบประมาณ {year} ยังไม่มีข้อมูลที่เผยแพร่อยู่", "Nothing of fiscal year {year} is published")
DRY = Text("ยังไม่ได้ส่งอะไร สั่งซ้ำพร้อม --send เพื่อส่งจริง", "Nothing was sent; give --send to send it")


class CannotDo(click.ClickException):
    """It cannot be done as asked."""

    exit_code = 2

    def __init__(self, text: Text):
        super().__init__(f"{text.th}\n{text.en}")


def _published(fiscal_year: int) -> tuple[PublishedRow, PublicYear]:
    """The release of a year that counts."""
    row = find_current(list_published(db.session()), fiscal_year)
    db.session.rollback()
    if row is None:
        raise CannotDo(NOT_PUBLISHED.fill(year=fiscal_year))
    try:
        return row, thaw_release(release_store(current_app.config["DGI"]).get(row.sha256))
    except (DomainError, StorageFault) as fault:
        raise CannotDo(fault.text) from None


@click.command("publish-ckan")
@click.option("--call", "fiscal_year", type=int, required=True, help="Fiscal year (พ.ศ.) of the call.")
@click.option("--send", "is_sent", is_flag=True, help="Really send; without it only told what would be.")
@on_database
def publish_ckan(fiscal_year: int, is_sent: bool) -> None:
    """Send the published release of a year to the open data catalogue (DGI_CKAN_URL). Dry run unless --send."""
    config = current_app.config["DGI"]
    row, year = _published(fiscal_year)
    files = row.list_files()
    sent = parcel(year, row.sha256, files, config.catalogue, config.site_url)
    click.echo(f"{sent.dataset['name']}: {row.short} -> {config.catalogue.url or '(DGI_CKAN_URL)'}")
    try:
        if is_sent:
            done = send(sent, config.catalogue, release_store(config).get, _tell)
            click.echo(f"ส่งแล้ว {len(done)} รายการ / {len(done)} sent")
            return
        for key, value in sent.dataset.items():
            click.echo(f"  {key}: {value}")
        for step in look(sent, config.catalogue):
            _tell(step)
    except (CatalogueFault, DomainError, StorageFault) as fault:
        raise CannotDo(fault.text) from None
    if missing := config.catalogue.missing:
        click.echo("ยังไม่ได้ตั้งค่า / not set: " + ", ".join(missing))
    click.echo(f"{DRY.th}\n{DRY.en}")


def _tell(step: Step) -> None:
    verb = VERBS[step.verb]
    click.echo(
        f"  {verb.th} / {verb.en}: {step.name or 'dataset'}{f' ({step.size:,} bytes)' if step.name else ''}"
    )


@click.command("export-emenscr")
@click.option("--call", "fiscal_year", type=int, required=True, help="Fiscal year (พ.ศ.) of the call.")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The .xlsx to write; replaced if there."
)
@on_database
def export_emenscr(fiscal_year: int, out: Path) -> None:
    """Write the published release of a year in the shape of eMENSCR's forms, with the table of what stands for what."""
    from app.releases.crosswalk import build_crosswalk  # imported late: it loads the printing house

    row, year = _published(fiscal_year)
    if out.is_dir() or not out.parent.is_dir() or not os.access(out.parent, os.W_OK):
        raise CannotDo(Text(f"เขียนแฟ้มที่ {out} ไม่ได้", f"{out} cannot be written"))
    data = build_crosswalk(year, row.sha256)
    draft = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        draft.write_bytes(data)
        draft.replace(out)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise CannotDo(Text(f"เขียนแฟ้มที่ {out} ไม่ได้: {error.strerror}", f"{out} cannot be written")) from None
    click.echo(f"{out}: {len(data):,} bytes; {len(year.projects)} projects; release {row.short}")
