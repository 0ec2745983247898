"""Screening: the integration criteria as explained rules.

In: frozen facts, the call's rulebook and plan structure, the moment of filing. Out: a run with one or more findings
per rule, each with its evidence, basis and what would change it; overrides that stand beside findings.
Why: a screening nobody can explain is a screening nobody accepts. Rules are small pure functions; their order,
parameters and words are the rulebook's.
"""
