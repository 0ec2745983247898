"""The package read by others: Frictionless validates every file against its descriptor, and adds it up again."""

from __future__ import annotations

import io
import json
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import current_app

from app.kernel.values import thaw_value
from app.releases.facts import PublicYear
from app.releases.making import release_store
from app.releases.summing import total
from tests.monitoring.ongoing import open_projects
from tests.releases.publishing import prepare, report
from tests.world import World

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)  # the files are the same on both


@pytest.fixture
def package(app: Any, world: World, tmp_path: Path) -> Path:
    """The package of two projects with a month's report, unpacked."""
    first, _ = open_projects(world, joint=True)
    report(world, 1, first, "500,000.25", "300,000.10")
    file = next(f for f in prepare(world).files if f.name == "package.zip")
    data = release_store(current_app.config["DGI"]).get(file.sha256)
    zipfile.ZipFile(io.BytesIO(data)).extractall(tmp_path)
    return tmp_path


def test_frictionless_finds_nothing_wrong_and_adds_up_the_same(package: Path) -> None:
    from frictionless import Package, system

    with system.use_context(trusted=True):
        read = Package(str(package / "datapackage.json"))
        report = read.validate()
        assert report.valid, report.flatten(["type", "message"])[:5]
        assert len(read.resources) == 8
        year = thaw_value(PublicYear, json.loads((package / "release.json").read_text()))
        for name, column, amount in (
            ("projects", "approved_baht", total(year).approved),
            ("lines", "disbursed_baht", 300_000_10),
            ("spending", "planned_baht", total(year).allotted),
        ):
            rows = read.get_resource(name).read_rows()
            assert sum((row[column] for row in rows), Decimal()) * 100 == amount, name


def test_frictionless_sees_what_was_changed(package: Path) -> None:
    """The check above can fail."""
    from frictionless import Package, system

    path = package / "lines.csv"
    sound = path.read_text("utf-8-sig")
    for before, after, error in (
        ("500000.25", "-1.00", "constraint-error"),
        ("capital", "", "constraint-error"),
        ("2569-0001", "2569-0009", "foreign-key"),
        ("500000.25", "500,000.25x", "type-error"),
    ):
        assert before in sound
        path.write_text(sound.replace(before, after), "utf-8-sig")
        with system.use_context(trusted=True):
            report = Package(str(package / "datapackage.json")).validate()
        assert error in {kind for (kind,) in report.flatten(["type"])}, (before, after)


def test_the_fiscal_mapping_names_columns_that_are_there(package: Path) -> None:
    told = json.loads((package / "datapackage.json").read_text())
    columns = {r["name"]: {f["name"] for f in r["schema"]["fields"]} for r in told["resources"]}
    measures, dimensions = told["model"]["measures"], told["model"]["dimensions"]
    assert set(measures) == {"proposed", "approved", "adjusted", "executed"}
    sources = [*measures.values(), *(a for d in dimensions.values() for a in d["attributes"].values())]
    assert all(source["source"] in columns[source["resource"]] for source in sources)
    assert all(d["primaryKey"] in d["attributes"] for d in dimensions.values())


def test_the_dictionary_names_every_column_of_every_file(package: Path) -> None:
    rows = (package / "dictionary.csv").read_text("utf-8-sig").splitlines()[1:]
    named = {tuple(row.split(",")[:2]) for row in rows}
    for path in package.glob("*.csv"):
        if path.name != "dictionary.csv":
            head = path.read_text("utf-8-sig").splitlines()[0].split(",")
            assert {(path.name, column) for column in head} <= named
