"""What the demo publishes adds up to the papers: the published frame of FY2567, the published lines of FY2565."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from flask import Flask, current_app

from app.kernel.db import db
from app.releases.facts import Phase
from app.releases.making import release_store, thaw_release
from app.releases.queries import find_current, list_published
from app.releases.summing import total
from app.releases.words import SYNTHETIC_REPORTS, labels_of


@pytest.mark.parametrize(
    ("fiscal_year", "projects", "approved"), [(2567, 78, 5_523_911_000_00), (2565, 34, 1_136_361_900_00)]
)
def test_published_years_are_those_of_the_papers(
    demo: Flask, fiscal_year: int, projects: int, approved: int
) -> None:
    row = find_current(list_published(db.session()), fiscal_year)
    assert row is not None
    store = release_store(current_app.config["DGI"])
    year = thaw_release(store.get(row.sha256))
    sums = total(year)
    assert (sums.count, sums.approved, row.phase) == (projects, approved, Phase.SPENT)
    assert 0 < sums.disbursed <= sums.committed <= sums.allotted <= sums.approved
    assert SYNTHETIC_REPORTS in labels_of(year)
    files = {file.name: file.sha256 for file in row.list_files()}
    for name, column, amount in (
        ("lines.csv", "approved_baht", approved),
        ("spending.csv", "disbursed_baht", sums.disbursed),
    ):
        rows = csv.DictReader(io.StringIO(store.get(files[name]).decode("utf-8-sig")))
        assert sum(Decimal(r[column]) for r in rows) * 100 == amount, name
