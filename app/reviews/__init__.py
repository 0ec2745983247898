"""Reviews: assignments, conflicts of interest, rubric scores.

In: filings that passed screening, reviewers of the four bodies, the call's rubric. Out: a weighted total 0-100 per
review, mean and spread per proposal.
Why: scores must be comparable and fair. A reviewer sees others' scores only when their own are in, and an agency's own
people cannot be given its proposals at all.
"""
