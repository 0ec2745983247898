"""Calls: one call for budget proposals per fiscal year, and the versioned documents it rests on.

In: TOML files (`data/`) of plan structures, rubrics, rulebooks and calls. Out: a `Call` with its window and
ceiling, a `PlanStructure`, a `Rubric`, a `Rulebook`.
Why: the plan's structure, criteria and rules change every year, so they are data with versions. A version that was
used is frozen: old rounds stay readable under their own.
"""
