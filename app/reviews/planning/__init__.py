"""Planning: who should review what, computed before anybody is asked, and what each change by hand costs.

In: the facts of a call as `facts.Situation` (proposals, reviewers, panels, conflicts, limits, what is assigned already).
Out: seats of the least cost that fill all that can be filled, keep the reviewer-proposal graph connected, and say what
is lacking and why. Why: an assignment nobody can recompute is not fair; the same settings give the same plan.
Whole points everywhere; nothing here reads a database or a clock.
"""
