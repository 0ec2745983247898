"""Decisions: what the committee resolved on each proposal, and the amount it approved.

In: the ranked list. Out: decisions with amounts, conditions and resolution text; every amended decision is kept.
Why: a computed order proposes, people decide; both stand side by side in the papers.
"""
