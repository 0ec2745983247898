"""Who people are to the system: roles, memberships, the actor."""

from __future__ import annotations

from enum import StrEnum

from app.kernel.lean import dataclass
from app.kernel.text import Text


class Role(StrEnum):
    """What a membership makes of a person."""

    OFFICER = "officer"
    CERTIFIER = "certifier"
    REVIEWER = "reviewer"
    SECRETARIAT = "secretariat"
    COMMITTEE = "committee"
    ADMIN = "admin"


ROLE_NAMES = {
    Role.OFFICER: Text("เจ้าหน้าที่หน่วยงาน", "Agency officer"),
    Role.CERTIFIER: Text("ผู้รับรอง (หัวหน้าหน่วยงาน)", "Certifier (head of agency)"),
    Role.REVIEWER: Text("ผู้พิจารณา", "Reviewer"),
    Role.SECRETARIAT: Text("ฝ่ายเลขานุการ", "Secretariat"),
    Role.COMMITTEE: Text("กรรมการ", "Committee member"),
    Role.ADMIN: Text("ผู้ดูแลระบบ", "Administrator"),
}

AGENCY_ROLES = frozenset({Role.OFFICER, Role.CERTIFIER})

# Separation of duties (static, after ANSI INCITS 359-2004, section 6.3): whoever scores must not also sit where all
# scores are seen or the decision is made, or a conflict of interest could not be kept from them.
CLASHES_WITH_REVIEWING = frozenset({Role.SECRETARIAT, Role.COMMITTEE, Role.ADMIN})

# Whose word moves money or shows everybody's scores: these sign in with a second factor.
STAFF_ROLES = frozenset({Role.REVIEWER, Role.SECRETARIAT, Role.COMMITTEE, Role.ADMIN})


class Step(StrEnum):
    """What is left of a sign-in whose first step was taken: a code, or setting the second factor up."""

    CODE = "code"
    SET_UP = "set_up"


class Body(StrEnum):
    """The four bodies of the joint secretariat that review together."""

    BB = "bb"
    NESDC = "nesdc"
    OPDC = "opdc"
    DGA = "dga"


BODY_NAMES = {
    Body.BB: Text("สำนักงบประมาณ", "Bureau of the Budget"),
    Body.NESDC: Text("สศช.", "NESDC"),
    Body.OPDC: Text("ก.พ.ร.", "OPDC"),
    Body.DGA: Text("สพร.", "DGA"),
}

PERSON_STATES = {
    "active": Text("ใช้งานอยู่", "Active"),
    "invited": Text("รอตอบรับคำเชิญ", "Invited"),
    "disabled": Text("ระงับ", "Disabled"),
}


@dataclass(frozen=True, slots=True)
class Membership:
    """One role of a person. Officers and certifiers belong to an agency; reviewers to a body and the agency
    that is that body; secretariat, committee and admin may belong to an agency or to none."""

    role: Role
    agency_id: int | None = None
    body: Body | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts. `id` is None for nobody signed in, and for the system itself."""

    id: int | None
    name: Text
    memberships: tuple[Membership, ...] = ()
    is_system: bool = False

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(m.role for m in self.memberships)

    @property
    def agency_ids(self) -> frozenset[int]:
        """Agencies whose proposals are this person's own work."""
        return frozenset(
            m.agency_id for m in self.memberships if m.role in AGENCY_ROLES and m.agency_id is not None
        )

    @property
    def agency_id(self) -> int | None:
        """The agency for which this person acts, for the audit log."""
        return next((m.agency_id for m in self.memberships if m.agency_id is not None), None)

    @property
    def belongs_to(self) -> frozenset[int]:
        """Every agency this person is part of, in any role: the ground of conflicts of interest."""
        return frozenset(m.agency_id for m in self.memberships if m.agency_id is not None)


NOBODY = Actor(None, Text("ผู้เยี่ยมชม", "Visitor"))
SYSTEM = Actor(None, Text("ระบบ", "The system"), is_system=True)
