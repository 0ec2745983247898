"""What the doctor says of signing in: a providers' file others can read, second factors that no code opens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from app.cli.doctor import Grade, Symptom, examine
from tests.identity.test_totp import set_up
from tests.world import World


@pytest.mark.parametrize(("mode", "grades"), [(0o600, []), (0o640, []), (0o644, [Grade.UNSAFE])])
def test_a_providers_file_for_everybody_is_unsafe(
    app: Flask, tmp_path: Path, mode: int, grades: list[Grade]
) -> None:
    path = tmp_path / "providers.toml"
    path.touch()
    path.chmod(mode)
    tmp_path.chmod(0o711)
    found = examine(replace(app.config["DGI"], providers_file=path))
    assert [s.grade for s in found if str(path) in s.what] == grades


def test_second_factors_of_another_key_are_noted(app: Flask, world: World) -> None:
    def said(**changes: str) -> list[Symptom]:
        return [s for s in examine(replace(app.config["DGI"], **changes)) if "SECRET_KEY" in s.what]  # type: ignore[arg-type]

    set_up(world)
    assert said() == []
    (symptom,) = said(secret_key="x" * 64)
    assert symptom.grade is Grade.NOTE
    assert "reset-second-factor" in symptom.remedy
