"""What monitoring remembers."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment
from app.workbooks.models import UploadColumns


class MonitoredCall(Base):
    """A call whose granted projects are followed. `rules` is canonical JSON of `ReportingRules`; `origin` says where its
    reports come from, and is shown wherever their figures are."""

    __tablename__ = "monitored_calls"
    __table_args__ = (CheckConstraint("origin IN ('filed','synthetic')", name="origin"),)

    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), primary_key=True)
    origin: Mapped[str] = mapped_column(String(10))
    rules: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class Project(Base):
    """A granted proposal being carried out. `approved` is what was granted (satang) and is never changed; what may be spent
    now is the plan in force."""

    __tablename__ = "projects"
    __table_args__ = (
        CheckConstraint("state IN ('active','closed','cancelled')", name="state"),
        CheckConstraint("(state = 'active') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("approved > 0", name="approved"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), unique=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))  # none for a recorded one
    lead_agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), index=True)
    approved: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    end_note: Mapped[str] = mapped_column(Text, default="")

    __mapper_args__ = {"version_id_col": version}


class ProjectLine(Base):
    """A line as granted: never changed. `position` is its place in the filing."""

    __tablename__ = "project_lines"
    __table_args__ = (
        UniqueConstraint("project_id", "position"),
        CheckConstraint("approved >= 0 AND approved <= requested", name="approved"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    position: Mapped[int]
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), index=True)
    category: Mapped[str] = mapped_column(String(20))
    item: Mapped[str] = mapped_column(Text)
    requested: Mapped[int] = mapped_column(BigInteger)
    approved: Mapped[int] = mapped_column(BigInteger)


class ProjectAgency(Base):
    """Who carries out a project: the lead, and whoever has money or an indicator in it."""

    __tablename__ = "project_agencies"
    __table_args__ = (UniqueConstraint("project_id", "agency_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), index=True)
    is_lead: Mapped[bool]


class PlanChange(Base):
    """A change of plan that an agency asks for. `content` is the plan as it is to be, canonical JSON, made from version
    `base` of the plan; `number` is given when it is asked for."""

    __tablename__ = "plan_changes"
    __table_args__ = (
        UniqueConstraint("project_id", "ordinal"),
        CheckConstraint(
            "kind IN ('detail','transfer','agencies','extension','scope','cancellation','carry_over')",
            name="kind",
        ),
        CheckConstraint("state IN ('draft','asked','approved','refused','withdrawn')", name="state"),
        CheckConstraint("state IN ('draft','withdrawn') OR asked_at IS NOT NULL", name="asked"),
        CheckConstraint("(state IN ('approved','refused')) = (judged_at IS NOT NULL)", name="judged"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    ordinal: Mapped[int]
    kind: Mapped[str] = mapped_column(String(14))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), index=True)  # who asks
    state: Mapped[str] = mapped_column(String(10), index=True)
    version: Mapped[int] = mapped_column(default=1)
    base: Mapped[int]  # the ordinal of the plan version it was made from
    content: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    judged_at: Mapped[datetime | None] = mapped_column(Moment)
    judged_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(Text, default="")  # of whoever judged it

    __mapper_args__ = {"version_id_col": version}


class PlanVersion(Base):
    """A plan that is or was in force, frozen. `content` is canonical JSON of `facts.Plan`."""

    __tablename__ = "plan_versions"
    __table_args__ = (
        UniqueConstraint("project_id", "ordinal"),
        CheckConstraint("(superseded_at IS NULL) = (current_for IS NOT NULL)", name="current"),
        CheckConstraint("current_for IS NULL OR current_for = project_id", name="current_for"),
        CheckConstraint("length(sha256) = 64", name="sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    ordinal: Mapped[int]
    cause: Mapped[str] = mapped_column(String(14))
    change_id: Mapped[int | None] = mapped_column(ForeignKey("plan_changes.id"))
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    in_force_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    superseded_at: Mapped[datetime | None] = mapped_column(Moment)
    # the project again while this version is in force: unique, so that one counts at a time
    current_for: Mapped[int | None] = mapped_column(unique=True)


class PlannedAmount(Base):
    """The plan in force as rows for sums: what an agency means to spend in a category and month (1 to 24)."""

    __tablename__ = "planned_amounts"
    __table_args__ = (
        UniqueConstraint("project_id", "agency_id", "category", "month"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("month BETWEEN 1 AND 24", name="month"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), index=True)
    category: Mapped[str] = mapped_column(String(20))
    month: Mapped[int]
    amount: Mapped[int] = mapped_column(BigInteger)


class Allotment(Base):
    """The plan in force as rows for sums: what an agency may spend in a category (satang), and of that after the year's
    end."""

    __tablename__ = "allotments"
    __table_args__ = (
        UniqueConstraint("project_id", "agency_id", "category"),
        CheckConstraint("amount >= 0 AND carried >= 0 AND carried <= amount", name="amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), index=True)
    category: Mapped[str] = mapped_column(String(20))
    amount: Mapped[int] = mapped_column(BigInteger)
    carried: Mapped[int] = mapped_column(BigInteger)


class ProgressRecord(Base):
    """An agency's report of a period of a call: a month's money or a quarter's progress, in revisions.

    `content` is canonical JSON of `facts.MoneyReport` or `facts.ProgressReport` (while it is written, with what could not be
    read kept as typed); `sha256` is of what the certifier signed. Figures count from the revision with `current_for`.
    """

    __tablename__ = "progress_records"
    __table_args__ = (
        UniqueConstraint("call_id", "agency_id", "kind", "period", "revision"),
        CheckConstraint("kind IN ('money','progress')", name="kind"),
        CheckConstraint("period >= 1 AND period <= CASE kind WHEN 'money' THEN 24 ELSE 8 END", name="period"),
        CheckConstraint(
            "state IN ('draft','sent','signed','accepted','returned','superseded')", name="state"
        ),
        CheckConstraint(
            "state IN ('draft','sent') OR (signed_at IS NOT NULL AND sha256 IS NOT NULL)", name="signed"
        ),
        CheckConstraint(
            "state NOT IN ('accepted','returned','superseded') OR judged_at IS NOT NULL", name="judged"
        ),
        CheckConstraint("(state = 'accepted') = (current_for IS NOT NULL)", name="current"),
        CheckConstraint(
            "(state IN ('draft','sent','signed','returned')) = (open_for IS NOT NULL)", name="open_for"
        ),
        CheckConstraint("revision = 1 OR length(reason) > 0", name="reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    period: Mapped[int]
    revision: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), index=True)
    version: Mapped[int] = mapped_column(default=1)
    content: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, default="")  # why a correction was begun
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    saved_at: Mapped[datetime] = mapped_column(Moment)
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    sent_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    signed_at: Mapped[datetime | None] = mapped_column(Moment)
    signed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    first_signed_at: Mapped[datetime | None] = mapped_column(Moment)  # what being late is judged by
    sha256: Mapped[str | None] = mapped_column(String(64))
    judged_at: Mapped[datetime | None] = mapped_column(Moment)
    judged_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(Text, default="")  # of whoever judged it, or handed it back
    # "call:agency:kind:period" while it counts, and while it is being worked on: each unique
    current_for: Mapped[str | None] = mapped_column(String(40), unique=True)
    open_for: Mapped[str | None] = mapped_column(String(40), unique=True)

    __mapper_args__ = {"version_id_col": version}


class RecordMove(Base):
    """One step of a report's life."""

    __tablename__ = "record_moves"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("progress_records.id"), index=True)
    move: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(Text, default="")


class Actual(Base):
    """Money of the reports that count, as rows for sums (satang): replaced when a correction is accepted."""

    __tablename__ = "actuals"
    __table_args__ = (
        UniqueConstraint("project_id", "agency_id", "category", "month"),
        CheckConstraint("committed >= 0 AND disbursed >= 0", name="amounts"),
        CheckConstraint("month BETWEEN 1 AND 24", name="month"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("progress_records.id"), index=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), index=True)
    category: Mapped[str] = mapped_column(String(20))
    month: Mapped[int]
    committed: Mapped[int] = mapped_column(BigInteger)
    disbursed: Mapped[int] = mapped_column(BigInteger)


class MilestoneResult(Base):
    """How far a milestone was at the end of a quarter, of the reports that count."""

    __tablename__ = "milestone_results"
    __table_args__ = (
        UniqueConstraint("project_id", "position", "quarter"),
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
        CheckConstraint("(percent = 100) = (done_on IS NOT NULL)", name="done_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("progress_records.id"), index=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    position: Mapped[int]
    quarter: Mapped[int]
    percent: Mapped[int]
    done_on: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str] = mapped_column(Text, default="")


class IndicatorResult(Base):
    """What an indicator stood at by the end of a quarter, of the reports that count: plain decimal text."""

    __tablename__ = "indicator_results"
    __table_args__ = (UniqueConstraint("project_id", "position", "quarter"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("progress_records.id"), index=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    position: Mapped[int]
    quarter: Mapped[int]
    result: Mapped[str] = mapped_column(String(40))
    evidence: Mapped[str] = mapped_column(Text, default="")


class ProjectWord(Base):
    """What an agency said of a project at the end of a quarter, of the reports that count."""

    __tablename__ = "project_words"
    __table_args__ = (UniqueConstraint("project_id", "agency_id", "quarter"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("progress_records.id"), index=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    quarter: Mapped[int]
    problems: Mapped[str] = mapped_column(Text, default="")
    help: Mapped[str] = mapped_column(Text, default="")


class EvidenceFile(Base):
    """A file that shows an indicator's result. The bytes lie in the file store under their SHA-256; removal keeps the
    row."""

    __tablename__ = "evidence_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("progress_records.id"), index=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    position: Mapped[int]  # of the indicator
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    uploaded_at: Mapped[datetime] = mapped_column(Moment)
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    removed_at: Mapped[datetime | None] = mapped_column(Moment)


class RecordUpload(UploadColumns, Base):
    """A filled-in workbook on its way into a report. `record_version` is the one its preview was compared with."""

    __tablename__ = "record_uploads"

    record_id: Mapped[int] = mapped_column(ForeignKey("progress_records.id"), index=True)
    record_version: Mapped[int] = mapped_column(default=0)


class TargetSet(Base):
    """The cabinet's targets of a fiscal year, as loaded: cumulative, by quarter and class, with where they come from."""

    __tablename__ = "target_sets"
    __table_args__ = (UniqueConstraint("fiscal_year", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int]
    version: Mapped[int]
    content: Mapped[str] = mapped_column(Text)  # canonical JSON
    sha256: Mapped[str] = mapped_column(String(64))
    loaded_at: Mapped[datetime] = mapped_column(Moment)
    loaded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
