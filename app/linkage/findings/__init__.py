"""What a graph shows that no proposal alone does: each finding with its rule, its evidence, and what would change it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from app.linkage.building import kept
from app.linkage.facts import Finding, Graph, Rule
from app.linkage.findings.partners import find_declined, find_unconfirmed, find_without_partner
from app.linkage.findings.supply import find_twice, find_unfunded, find_unmet
from app.linkage.findings.words import RULE_GROUNDS, RULE_NAMES

__all__ = ["OWN_RULES", "RULE_GROUNDS", "RULE_NAMES", "list_findings"]

# rules that hold of an agency's own proposals alone; the others need to know what everybody else files
OWN_RULES = (Rule.NO_PARTNER, Rule.DECLINED, Rule.UNCONFIRMED)
_CHECKS: Mapping[Rule, Callable[[Graph], Iterable[Finding]]] = {
    Rule.NO_PARTNER: find_without_partner,
    Rule.UNMET: find_unmet,
    Rule.TWICE: find_twice,
    Rule.DECLINED: find_declined,
    Rule.UNCONFIRMED: find_unconfirmed,
}


def list_findings(
    graph: Graph, out: Collection[str] = (), rules: Sequence[Rule] = tuple(Rule)
) -> list[Finding]:
    """What the rules find, in their order, what touches most proposals first.

    `out` are the keys of proposals that will not be funded: failed, rejected, or outside the ceiling. What is found is
    about the others: nobody has to see to the links of a proposal that is out.
    """
    lost = frozenset(out)
    standing = kept(graph, lambda edge: edge.proposal not in lost) if lost else graph
    found: list[Finding] = []
    for rule in rules:
        of_rule = find_unfunded(graph, lost) if rule is Rule.UNFUNDED else _CHECKS[rule](standing)
        found += sorted(of_rule, key=lambda f: (-f.weight, f.about, f.text.th))
    return found
