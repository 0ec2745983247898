"""The call files of the repository: their documents are loaded, their calls opened, from `app/calls/data`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from app.calls.actions import load_document, open_call
from app.calls.facts import DocumentKind, Rulebook
from app.calls.models import CallDocument
from app.calls.queries import parse_document
from app.identity.facts import Actor
from app.kernel.work import Work
from app.screening.rulebooks import check_rulebook

DATA = Path(__file__).parents[1] / "calls" / "data"


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as plain values. Raises `tomllib.TOMLDecodeError` or `OSError`."""
    with open(path, "rb") as file:
        return tomllib.load(file)


def load_documents(work: Work[Actor], folder: Path = DATA) -> list[CallDocument]:
    """Load every plan structure, rubric and rulebook of the folder; what is loaded already stays as it is.

    Raises `Refused` with every fault of the first faulty file, a rulebook naming an unknown check included.
    """
    loaded = []
    for kind in DocumentKind:
        for path in sorted(folder.glob(f"{kind.value}-*.toml")):
            document = load_document(work, kind, read_toml(path))
            value = parse_document(kind.value, document.sha256, document.content)
            if isinstance(value, Rulebook):
                check_rulebook(value)
            loaded.append(document)
    return loaded


def find_call_file(fiscal_year: int, folder: Path = DATA) -> Path | None:
    """The file of a fiscal year's call, if the repository has one."""
    path = folder / f"call-{fiscal_year}.toml"
    return path if path.exists() else None


def open_call_file(work: Work[Actor], fiscal_year: int, folder: Path = DATA) -> None:
    """Open a call from its file, with its documents; an open call stays as it is. Raises `Refused`."""
    path = find_call_file(fiscal_year, folder)
    if path is not None:
        load_documents(work, folder)
        open_call(work, read_toml(path))
