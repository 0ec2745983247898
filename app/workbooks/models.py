"""The columns every table of uploaded workbooks has."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.kernel.db import Moment


class UploadColumns:
    """A filled-in workbook on its way in: read out of sight, shown as a preview, taken in or dropped.

    `result` is canonical JSON: what was read, and every fault with its sheet, row and column. The bytes lie in the file
    store. The table of a room adds what the workbook is for, and the versions its preview was compared with.
    """

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        states = "state IN ('waiting','reading','ready','refused','applied','dropped')"
        return (
            CheckConstraint(states, name="state"),
            CheckConstraint("state NOT IN ('ready','applied') OR result IS NOT NULL", name="result"),
        )

    id: Mapped[int] = mapped_column(primary_key=True)
    uploaded_at: Mapped[datetime] = mapped_column(Moment)
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(255))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))
    done: Mapped[int] = mapped_column(default=0)  # rows read, of `total`
    total: Mapped[int] = mapped_column(default=0)
    refusal_th: Mapped[str] = mapped_column(Text, default="")
    refusal_en: Mapped[str] = mapped_column(Text, default="")
    result: Mapped[str | None] = mapped_column(Text)
    annotated_sha256: Mapped[str | None] = mapped_column(String(64))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
