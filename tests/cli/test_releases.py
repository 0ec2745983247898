"""What the public is told, from the command line: the catalogue with a dry run by default, and the forms of eMENSCR."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from flask import Flask

from app.cli.releases import export_emenscr, publish_ckan
from app.kernel.catalogue_settings import CatalogueSettings
from app.releases.crosswalk import MAPPING
from tests.monitoring.ongoing import GRANTED, open_projects
from tests.proposals.earlier import LAST_YEAR
from tests.releases.ckan_server import TOKEN, Catalogue, serve_catalogue
from tests.releases.publishing import publish, report
from tests.world import World

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
YEAR = str(LAST_YEAR)


@pytest.fixture
def ckan(app: Flask) -> Iterator[Catalogue]:
    config = app.config["DGI"]
    with serve_catalogue() as catalogue:
        settings = CatalogueSettings(catalogue.url, TOKEN, "dga", "data@dga.example")
        app.config["DGI"] = replace(config, catalogue=settings)
        yield catalogue
        app.config["DGI"] = config


def test_nothing_is_sent_unless_asked(app: Flask, world: World, ckan: Catalogue) -> None:
    runner = app.test_cli_runner()
    none_yet = runner.invoke(publish_ckan, ["--call", YEAR])
    assert none_yet.exit_code == 2
    open_projects(world)
    publish(world)
    dry = runner.invoke(publish_ckan, ["--call", YEAR])
    assert dry.exit_code == 0, dry.output
    assert "Nothing was sent" in dry.output
    assert "package.zip" in dry.output
    assert ckan.packages == {}
    sent = runner.invoke(publish_ckan, ["--call", YEAR, "--send"])
    assert sent.exit_code == 0, sent.output
    assert "13 sent" in sent.output
    assert "0 sent" in runner.invoke(publish_ckan, ["--call", YEAR, "--send"]).output
    ckan.faults[:] = ["redirect"]
    refused = runner.invoke(publish_ckan, ["--call", YEAR, "--send"])
    assert refused.exit_code == 2
    assert "DGI_CKAN_URL" in refused.output
    assert TOKEN not in dry.output + sent.output + refused.output


def test_the_forms_of_emenscr_add_up(app: Flask, world: World, tmp_path: Path) -> None:
    first, _ = open_projects(world, joint=True)
    report(world, 1, first, "500,000.25", "300,000.10")
    publish(world)
    out = tmp_path / "emenscr.xlsx"
    runner = app.test_cli_runner()
    done = runner.invoke(export_emenscr, ["--call", YEAR, "--out", str(out)])
    assert done.exit_code == 0, done.output
    book = openpyxl.load_workbook(out, data_only=True)
    sheets = {name: list(book[name].values) for name in book.sheetnames}

    def column(form: str, title: str) -> list[object]:
        rows = sheets[form]
        at = next(n for n, row in enumerate(rows) if row[0] == "ปีงบประมาณ")
        place = next(k for k, cell in enumerate(rows[at]) if str(cell or "").startswith(title))
        return [row[place] for row in rows[at + 1 :] if row[0] == LAST_YEAR]

    assert {f"M{n}" for n in range(1, 8)} <= set(sheets)
    assert {form for form, *_ in MAPPING} == {f"M{n}" for n in range(1, 8)}
    for form in ("M1", "M2", "M7"):
        assert len(column(form, "เลขที่โครงการ")) == 2
    assert set(column("M1", "แผนงานบูรณาการ")) == {f"แผนงานบูรณาการรัฐบาลดิจิทัล ปีงบประมาณ {YEAR}"}
    heads = [
        str(cell) for rows in sheets.values() for row in rows for cell in row if "(บาท)" in str(cell or "")
    ]
    assert heads
    assert all(head.count("(บาท)") == 1 for head in heads)  # the unit stands once
    allotted = sum(float(str(v)) for v in column("M5", "วงเงินตามแผน"))
    quarters = sum(float(str(v)) for n in range(1, 5) for v in column("M5", f"ไตรมาส {n}"))
    assert round(allotted * 100) == round(quarters * 100) >= GRANTED
    assert sum(float(str(v)) for v in column("M6", "ไตรมาส 1")) == 300_000.10
    assert runner.invoke(export_emenscr, ["--call", YEAR, "--out", str(tmp_path)]).exit_code == 2
