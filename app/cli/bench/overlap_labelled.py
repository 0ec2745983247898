"""The labelled set as proposals: published ones, projects of the set, what was planted, what only resembles.

In: overlap_labelled.toml and the published FY2565 lines. Out: `Labelled` proposals, and the answer for two of them.
Copies, reorderings and splits are made here by rule and by dice with a fixed seed; everything reworded stands in the
file, written by hand.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from app.cli.demo.dice import Dice
from app.cli.register import read_register
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.facts import (
    AgencyRef,
    BudgetLine,
    Integration,
    IntegrationLink,
    ProposalFacts,
    SharedService,
)

HERE = Path(__file__).parent
LINES = HERE.parent / "demo" / "fy2565_dgi_budget_lines.csv"
KINDS = ("copied", "reordered", "paraphrased", "renamed", "split", "translated")
_SEED = 2565

Answer = Literal["same", "different", "uncounted"]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A proposal with what is known of it. `family` is the project it tells of: two of one family overlap. `planted`
    is the kind of copy, "" for what stands in the corpus; `base` the key it was made from. `group` names a set of
    honest negatives or where the proposal comes from; `half` is 0 for choosing weights, 1 for what was held out."""

    key: int
    family: str
    group: str
    half: int
    facts: ProposalFacts
    planted: str = ""
    base: int = 0
    rows: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Source:
    """What a proposal is written from."""

    lead: str
    title: str
    rationale: tuple[str, ...]
    objectives: tuple[str, ...]
    items: tuple[tuple[str, int], ...]
    systems: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    title_en: str = ""


class LabelledSet:
    """All proposals of the set, in the order they are filed: the corpus first, then what was planted."""

    def __init__(self) -> None:
        self._table = tomllib.loads((HERE / "overlap_labelled.toml").read_text(encoding="utf-8"))
        with LINES.open(encoding="utf-8-sig", newline="") as file:
            self._rows = list(csv.DictReader(file))
        register = read_register()
        self._english = register.plan_projects
        self._code_of = {a.name.th: a.code for a in register.agencies}
        self._names = {a.code: a.name for a in register.agencies}
        self._codes = sorted(self._names)
        self._arguable = [frozenset(pair) for pair in self._table["arguable"]]
        self.proposals: list[Labelled] = []
        self._add_published()
        self._add_projects()
        self._add_negatives()
        self.corpus = list(self.proposals)
        self._plant_published()
        self._plant_projects()
        self.planted = self.proposals[len(self.corpus) :]

    def answer(self, one: Labelled, other: Labelled) -> Answer:
        """Whether two proposals are the same project, different ones, or a pair whose answer is not counted."""
        if one.base == other.key or other.base == one.key:
            return "same"
        if one.family == other.family or one.rows & other.rows:
            return "uncounted"
        if any(one.rows & pair and other.rows & pair for pair in self._arguable):
            return "uncounted"
        return "different"

    def _add(self, family: str, group: str, half: int, source: Source, **more: Any) -> Labelled:
        key = len(self.proposals) + 1
        labelled = Labelled(key, family, group, half, self._facts(key, source), **more)
        self.proposals.append(labelled)
        return labelled

    def _item(self, row: int) -> tuple[str, int]:
        line = self._rows[row - 1]
        return line["item"], int(line["amount_baht"]) * 100

    def _add_published(self) -> None:
        """The published lines, grouped into proposals as `import-lines` groups them."""
        groups: dict[tuple[str, str], list[int]] = {}
        for row, line in enumerate(self._rows, 1):
            groups.setdefault((line["agency"], line["plan_project"]), []).append(row)
        for n, ((agency, title), rows) in enumerate(groups.items(), 1):
            items = tuple(self._item(row) for row in rows)
            source = Source(
                self._code_of[agency], title, (), (), items, title_en=self._english.get(title, title)
            )
            self._add(f"published-{n}", "published", n % 2, source, rows=frozenset(rows))

    def _add_projects(self) -> None:
        for project in self._table["projects"]:
            source = self._source(project)
            self._add(
                f"project-{project['n']}",
                "project",
                project["n"] % 2,
                source,
                rows=frozenset(project["lines"]),
            )

    def _source(self, project: dict[str, Any]) -> Source:
        return Source(
            project["lead"],
            project["title"],
            tuple(project["rationale"]),
            tuple(project["objectives"]),
            tuple(self._item(row) for row in project["lines"]),
            tuple(project["systems"]),
            tuple(project["partners"]),
        )

    def _add_negatives(self) -> None:
        n = 0
        for text in self._table["boilerplate"]:
            for code, agency, subject in text["subjects"]:
                n += 1

                def fill(words: str, agency: str = agency, subject: str = subject) -> str:
                    return words.format(agency=agency, subject=subject)

                source = Source(
                    code,
                    fill(text["title"]),
                    (fill(text["rationale"]),),
                    (fill(text["objectives"]),),
                    tuple((fill(item), 100_000_00 * (n + 3)) for item in text["items"]),
                    tuple(text["systems"]),
                    tuple(text["partners"]),
                )
                self._add(f"negative-{n}", text["kind"], n % 2, source)
        for text in self._table["negatives"]:
            n += 1
            source = Source(
                text["lead"],
                text["title"],
                (text["rationale"],),
                (text["objectives"],),
                tuple((item, 100_000_00 * (n + 3)) for item in text["items"]),
                tuple(text["systems"]),
                tuple(text["partners"]),
            )
            self._add(f"negative-{n}", text["kind"], n % 2, source)

    def _plant_published(self) -> None:
        """Copies of thin proposals: another agency files the lines under a title of its own. Lines that say nothing
        of their own (running costs, training) are what many agencies file: no copy of them can be known as one."""
        for n, one in enumerate([p for p in self.corpus if p.group == "published"], 1):
            items = [(line.item, line.amount) for line in one.facts.lines]
            if all("ทักษะดิจิทัล" in item or len(item) < 50 for item, _ in items):
                continue
            dice = Dice(f"{_SEED}-published-{n}")
            shuffled = dice.shuffled(items)
            source = Source(
                self._other(dice, one.facts.lead.code),
                f"โครงการตามภารกิจที่ {n}",
                (),
                (),
                tuple((item, amount * dice.between(90, 110) // 100) for item, amount in shuffled),
            )
            self._add(one.family, "planted", one.half, source, planted="copied", base=one.key, rows=one.rows)

    def _plant_projects(self) -> None:
        bases = {p.family: p for p in self.corpus if p.group == "project"}
        for project in self._table["projects"]:
            base = bases[f"project-{project['n']}"]
            dice = Dice(f"{_SEED}-{project['n']}")
            for kind, source in self._copies(dice, project):
                source = replace(source, lead=self._other(dice, base.facts.lead.code))
                self._add(
                    base.family, "planted", base.half, source, planted=kind, base=base.key, rows=base.rows
                )

    def _copies(self, dice: Dice, project: dict[str, Any]) -> Iterator[tuple[str, Source]]:
        source = self._source(project)
        dearer = tuple((item, amount * dice.between(80, 120) // 100) for item, amount in source.items)
        yield "copied", replace(source, items=dearer)
        yield (
            "reordered",
            replace(
                source,
                rationale=tuple(dice.shuffled(source.rationale)),
                objectives=tuple(dice.shuffled(source.objectives)),
                items=tuple(reversed(dearer)),
                systems=tuple(reversed(source.systems)),
                partners=(),
            ),
        )
        words = project["paraphrase"]
        yield (
            "paraphrased",
            replace(
                source,
                title=words["title"],
                rationale=(words["rationale"],),
                objectives=(words["objectives"],),
                items=tuple((item, amount) for item, (_, amount) in zip(words["items"], dearer, strict=True)),
                systems=(),
                partners=(),
            ),
        )
        yield (
            "renamed",
            replace(_replaced(source, project["renamed"]), title=project["renamed_title"], partners=()),
        )
        yield "translated", replace(_replaced(source, project["translated"]), partners=())
        for half, title in enumerate(project["split"]):
            yield (
                "split",
                replace(
                    source,
                    title=title,
                    rationale=source.rationale[half * 2 : half * 2 + 2],
                    objectives=source.objectives[half : half + 1],
                    items=source.items[half : half + 1]
                    if len(source.items) > 1
                    else _halved(source.items, half),
                    systems=source.systems[half : half + 1],
                ),
            )

    def _other(self, dice: Dice, code: str) -> str:
        return dice.pick([c for c in self._codes if c != code])

    def _agency(self, code: str) -> AgencyRef:
        return AgencyRef(code, self._names.get(code, Text(code, code)), "", Text("", ""))

    def _facts(self, key: int, source: Source) -> ProposalFacts:
        return ProposalFacts(
            fiscal_year=2567,
            number=f"2567-{key:03}",
            origin="filed",
            title=Text(source.title, source.title_en),
            lead=self._agency(source.lead),
            participants=(),
            stage="",
            guideline="",
            strategy="",
            focus_area="",
            integration=Integration(
                ("link",),
                tuple(
                    IntegrationLink("data", name, "consumes", self._partner(source, n), "", "gdx")
                    for n, name in enumerate(source.systems)
                ),
                "",
                "",
                "",
                "",
                SharedService("", None, False, tuple(self._agency(code) for code in source.partners)),
            ),
            rationale=" ".join(source.rationale),
            objectives="\n".join(f"{n}. {one}" for n, one in enumerate(source.objectives, 1)),
            outputs="",
            indicators=(),
            lines=tuple(
                BudgetLine(source.lead, "capital", item, 1, "รายการ", amount, (0, 0, 0, 0), ())
                for item, amount in source.items
            ),
            attachments=(),
        )

    def _partner(self, source: Source, n: int) -> AgencyRef | None:
        return self._agency(source.partners[n % len(source.partners)]) if source.partners else None


def _replaced(source: Source, words: list[list[str]]) -> Source:
    """Every mention of a word replaced, longer words first."""
    ordered = sorted(words, key=lambda pair: -len(pair[0]))

    def put(text: str) -> str:
        for old, new in ordered:
            text = text.replace(old, new)
        return text

    return replace(
        source,
        title=put(source.title),
        rationale=tuple(map(put, source.rationale)),
        objectives=tuple(map(put, source.objectives)),
        items=tuple((put(item), amount) for item, amount in source.items),
        systems=tuple(map(put, source.systems)),
    )


def _halved(items: tuple[tuple[str, int], ...], half: int) -> tuple[tuple[str, int], ...]:
    """One line asked for in two parts."""
    return tuple((f"{item} ส่วนที่ {half + 1}", amount // 2) for item, amount in items)
