"""The people of the demo: made-up names, addresses at demo.example, one published password."""

from __future__ import annotations

from collections.abc import Sequence

from app.cli.demo.scoring import BODIES, PER_BODY
from app.cli.demo.subjects import agency_names
from app.identity.facts import BODY_NAMES, ROLE_NAMES, Role
from app.kernel.lean import dataclass
from app.kernel.text import Text

PASSWORD = "digital-budget-demo"  # noqa: S105 (published on purpose)
FIRST_OFFICER, SECOND_OFFICER = "dbd", "gistda"
DOMAIN = "demo.example"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the demo. `agency` is a code or ""; a reviewer's body is the agency of the same code."""

    login: str
    name: Text
    role: Role
    agency: str = ""
    disabled: bool = False

    @property
    def email(self) -> str:
        return f"{self.login}@{DOMAIN}"

    @property
    def work(self) -> Text:
        """The role, and for whom: as the list of demo people prints it."""
        role = ROLE_NAMES[self.role]
        if not self.agency:
            return role
        agency = agency_names()[self.agency]
        return Text(f"{role.th} {agency.th}", f"{role.en}, {agency.en}")


PEOPLE = (
    Person("officer", Text("พิมพ์ใจ สาธิต", "Pimjai Sathit"), Role.OFFICER, FIRST_OFFICER),
    Person("certifier", Text("ธนากร สาธิต", "Thanakorn Sathit"), Role.CERTIFIER, FIRST_OFFICER),
    Person("officer2", Text("ณัฐวุฒิ สาธิต", "Nattawut Sathit"), Role.OFFICER, SECOND_OFFICER),
    Person("reviewer.bb", Text("วรรณา สาธิต", "Wanna Sathit"), Role.REVIEWER, "bb"),
    Person("reviewer.nesdc", Text("ปรีชา สาธิต", "Preecha Sathit"), Role.REVIEWER, "nesdc"),
    Person("reviewer.opdc", Text("สุดารัตน์ สาธิต", "Sudarat Sathit"), Role.REVIEWER, "opdc"),
    Person("reviewer.dga", Text("กิตติพงษ์ สาธิต", "Kittipong Sathit"), Role.REVIEWER, "dga"),
    Person("secretariat", Text("อรทัย สาธิต", "Orathai Sathit"), Role.SECRETARIAT, "dga"),
    Person("committee", Text("สมศักดิ์ สาธิต", "Somsak Sathit"), Role.COMMITTEE),
    Person("admin", Text("จิราพร สาธิต", "Jiraporn Sathit"), Role.ADMIN),
)


def officer_login(agency: str) -> str:
    """The login of an agency's officer."""
    logins = {FIRST_OFFICER: "officer", SECOND_OFFICER: "officer2"}
    return logins.get(agency, f"officer.{agency}")


def certifier_login(agency: str) -> str:
    """The login of an agency's certifier."""
    return "certifier" if agency == FIRST_OFFICER else f"certifier.{agency}"


def reviewer_login(body: str, number: int) -> str:
    """The login of a body's reviewer; the first of each body is one of the named people."""
    return f"reviewer.{body}" if number == 0 else f"reviewer.{body}{number + 1}"


def list_people(officers_of: Sequence[str], certifiers_of: Sequence[str] = ()) -> list[Person]:
    """Everybody: the named, the other reviewers, an officer and a certifier of the agencies given, and somebody who
    left."""
    people = list(PEOPLE)
    for body in BODIES:
        name = BODY_NAMES[body]
        people += [
            Person(
                reviewer_login(body.value, n),
                Text(f"ผู้พิจารณา {n + 1} {name.th} (สาธิต)", f"Reviewer {n + 1}, {name.en} (demo)"),
                Role.REVIEWER,
                body.value,
            )
            for n in range(1, PER_BODY)
        ]
    for code in officers_of:
        name = agency_names()[code]
        if code not in (FIRST_OFFICER, SECOND_OFFICER):
            person = Text(f"เจ้าหน้าที่{name.th} (สาธิต)", f"Officer of the {name.en} (demo)")
            people.append(Person(officer_login(code), person, Role.OFFICER, code))
    for code in certifiers_of:
        if code != FIRST_OFFICER:
            name = agency_names()[code]
            person = Text(f"ผู้รับรอง{name.th} (สาธิต)", f"Certifier of the {name.en} (demo)")
            people.append(Person(certifier_login(code), person, Role.CERTIFIER, code))
    left = Text("มานะ สาธิต", "Mana Sathit")
    return [*people, Person("left", left, Role.OFFICER, FIRST_OFFICER, disabled=True)]
