"""What every test of webhooks listens with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.web.webhooks.receiver import Receiver, listen


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listen() as found:
        yield found
