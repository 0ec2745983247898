"""The name a download is given survives every browser, and nothing in it can end the header."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.web.downloads import send_download

PAGE = Flask(__name__)


def told(name: str) -> str:
    with PAGE.test_request_context():
        return send_download(b"x", name, "attachment-3", "application/pdf").headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("plan (2) v1.pdf", 'attachment; filename="plan (2) v1.pdf"'),
        (
            "แผน.pdf",
            "attachment; filename=\"attachment-3.pdf\"; filename*=UTF-8''%E0%B9%81%E0%B8%9C%E0%B8%99.pdf",
        ),
        ('a"b;c.pdf', "attachment; filename=\"attachment-3.pdf\"; filename*=UTF-8''a%22b%3Bc.pdf"),
        ("a%41.pdf", "attachment; filename=\"attachment-3.pdf\"; filename*=UTF-8''a%2541.pdf"),
        ("แผน", "attachment; filename=\"attachment-3\"; filename*=UTF-8''%E0%B9%81%E0%B8%9C%E0%B8%99"),
    ],
)
def test_names_as_rfc_6266_says(name: str, header: str) -> None:
    assert told(name) == header


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_any_name_comes_back_and_ends_nothing(name: str) -> None:
    header = told(name)
    shape = re.fullmatch(
        r"attachment; filename=\"([\w .()+,=@-]+)\"(?:; filename\*=UTF-8''([A-Za-z0-9!#$&+.^_`|~%-]+))?",
        header,
        re.ASCII,
    )
    assert shape, header
    assert (unquote(shape[2]) if shape[2] else shape[1]) == name
