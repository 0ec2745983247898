"""What is written for people who run or change the house: every room in the README's map, every setting in the table."""

from __future__ import annotations

import ast
import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SETTING = re.compile(r"DGI_[A-Z0-9_]+|SECRET_KEY|DATABASE_URL|SITE_URL|TRUSTED_HOSTS|PORT")


def _settings_read() -> set[str]:
    files = [PROJECT / "app/kernel/config.py", *(PROJECT / "app/kernel").glob("*_settings.py")]
    constants = (
        node.value
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return {value for value in constants if SETTING.fullmatch(value)}


def test_every_setting_is_in_the_table_and_nothing_else() -> None:
    rows = re.findall(r"^\| (`.*?) \|", (PROJECT / "packaging/operating.md").read_text(), re.MULTILINE)
    listed = {name for row in rows for name in re.findall(r"`([A-Z0-9_]+)(?:=skip)?`", row)}
    launcher = {"PYTHON", "DGI_CHROMIUM", "DGI_PACKAGES"}
    assert listed - launcher == _settings_read()
    assert all(name in (PROJECT / "dgi").read_text() for name in launcher)


def test_every_room_is_on_the_map() -> None:
    rooms = {path.parent.name for path in (PROJECT / "app").glob("*/__init__.py")}
    plan = (
        (PROJECT / "README.md").read_text().split("## The map of the house")[1].split("\n**Add a rule**")[0]
    )
    named = set(re.findall(r"app/(\w+)", plan)) | set(re.findall(r"\b(jobs|cli)\b", plan))
    assert rooms <= named, rooms - named


def test_every_file_the_papers_name_is_there() -> None:
    for paper in ("README.md", "packaging/operating.md"):
        text = (PROJECT / paper).read_text()
        links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
        files = re.findall(r"`((?:app|tests|templates|packaging|reports)/[\w./*-]+)`", text)
        missing = [name for name in {*links, *files} if not list(PROJECT.glob(name))]
        assert missing == [], paper
