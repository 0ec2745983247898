"""House laws that imports alone cannot show: dry files stay dry, commits stay at the shell, words stay standard."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
ROOMS = (
    "workbooks",
    "identity",
    "calls",
    "proposals",
    "linkage",
    "similarity",
    "screening",
    "reviews",
    "portfolio",
    "decisions",
    "monitoring",
    "notices",
    "webhooks",
    "figures",
    "releases",
)
DRY_FILES = (
    "facts.py",
    "freezing.py",
    "states.py",
    "rules.py",
    "allocation.py",
    "rooms.py",
    "reasons.py",
    "rulebooks.py",
    "drafts.py",
    "sections.py",
    "signoff.py",
    "turns.py",
    "returns.py",
    "results.py",
    "carrying.py",
    "least.py",
    "casework.py",
    "sheets.py",
    "records.py",
    "uploads.py",
    "building.py",
    "measuring.py",
    "lettering.py",
    "ordering.py",
    "drawing.py",
    "picture.py",
    "texts.py",
    "features.py",
    "search.py",
    "locating.py",
    "toml_text.py",
    "offering.py",
    "trying.py",
    "version_changes.py",
    "conflicts.py",
    "seat_file.py",
    "calibration.py",
    "discordance.py",
    "design.py",
    "additive.py",
    "agreement.py",
    "merging.py",
    "threads.py",
    "orders.py",
    "many_walks.py",
    "certainty.py",
    "sensitivity.py",
    "weightings.py",
    "swaps.py",
    "scenarios.py",
    "ledger.py",
    "quarters.py",
    "side_by_side.py",
    "suggesting.py",
    "plan_differences.py",
    "changing.py",
    "planning.py",
    "periods.py",
    "duties.py",
    "reporting.py",
    "typed_reports.py",
    "report_sheets.py",
    "report_readings.py",
    "scopes.py",
    "signatures.py",
    "curves.py",
    "schedule.py",
    "warning.py",
    "lights.py",
    "attainment.py",
    "returning.py",
    "targets.py",
    "standings.py",
    "identifiers.py",
    "columns.py",
    "data_table.py",
    "tables.py",
    "progress_tables.py",
    "summing.py",
    "finding.py",
    "package.py",
    "catalogue.py",
    "crosswalk.py",
    "words.py",
    "comparing.py",
)
DRY_FOLDERS = ("sections", "comparing", "merging", "findings", "rules", "planning", "optimum")
WET_PACKAGES = {"flask", "sqlalchemy", "flask_sqlalchemy", "flask_login", "wtforms", "flask_wtf"}
WET_MODULES = {"models", "queries", "actions"}
CLOCK_CALLS = {"now", "utcnow", "today", "system_clock"}


def _dry_files() -> list[Path]:
    found = []
    for room in ROOMS:
        folder = PROJECT / "app" / room
        found += [folder / name for name in DRY_FILES if (folder / name).exists()]
        found += [path for inner in DRY_FOLDERS for path in sorted((folder / inner).glob("*.py"))]
    return found


def _sources() -> list[Path]:
    return sorted([*(PROJECT / "app").rglob("*.py"), *(PROJECT / "reports").rglob("*.py")])


def _name(path: Path) -> str:
    return str(path.relative_to(PROJECT))


@pytest.mark.parametrize("path", _dry_files(), ids=_name)
def test_dry_file_imports_nothing_wet_and_reads_no_clock(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            names = []
        for name in names:
            assert name.split(".")[0] not in WET_PACKAGES, f"{_name(path)} imports {name}"
            assert name.split(".")[-1] not in WET_MODULES, f"{_name(path)} imports {name}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in CLOCK_CALLS, f"{_name(path)} reads the clock"


def test_only_the_kernel_commits() -> None:
    """One commit, at the shell, through `open_work`; nothing else calls commit."""
    offenders = [
        _name(path)
        for path in _sources()
        if path.relative_to(PROJECT).parts[:2] != ("app", "kernel")
        and any(
            isinstance(node, ast.Attribute) and node.attr == "commit"
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        )
    ]
    assert offenders == []


def test_no_floats_in_money() -> None:
    """The rooms know no float: amounts and scores are integers and fractions."""
    offenders = [
        _name(path)
        for room in ("kernel", *ROOMS)
        for path in (PROJECT / "app" / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float")
    ]
    assert offenders == []


def test_no_module_with_a_name_that_says_nothing() -> None:
    vague = {"common", "utils", "helpers", "manager", "service", "misc"}
    assert [_name(p) for p in _sources() if p.stem in vague or p.parent.name in vague] == []


def test_every_room_has_a_charter() -> None:
    for room in ("kernel", *ROOMS, "web", "jobs", "cli"):
        tree = ast.parse((PROJECT / "app" / room / "__init__.py").read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), f"app/{room}/__init__.py has no charter"


def test_no_source_file_grows_past_comfort() -> None:
    long = {_name(p): n for p in _sources() if (n := len(p.read_text("utf-8").splitlines())) > 500}
    assert long == {}


def test_templates_carry_no_inline_style_or_script() -> None:
    """The content security policy refuses them; a page that needs one would silently look wrong."""
    for path in sorted((PROJECT / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        assert " style=" not in text, _name(path)
        assert "<style" not in text, _name(path)
        assert " onclick=" not in text, _name(path)
        assert "<script>" not in text, _name(path)
