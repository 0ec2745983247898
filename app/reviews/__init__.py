"""Reviews: assignments, conflicts of interest, rubric scores.

In: filings that passed screening, reviewers of the four bodies, the call's rubric. Out: a weighted total 0-100 per
review, mean and spread per proposal, and beside them what calibration makes of both.
Why: scores must be comparable and fair. A reviewer says before reading whether there is a conflict of interest, and
cannot open what one holds; sees others' scores only when their own are in; and nothing that was scored is ever lost:
every save is a revision. Conflicts are judged anew at every opening, from the registers and people's words.
"""
