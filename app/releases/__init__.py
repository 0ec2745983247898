"""Releases: what was shown to the public, when, and exactly what it said.

In: calls, filings as sums, the list of a closed meeting, granted projects with their plans in force, and reports that
count. Out: a frozen value per year (canonical JSON under its SHA-256), and the open data files made from it.
Why: the public site reads published releases and never the live tables, so that nothing confidential can reach it by a
query that asks too much; that a page can be cited and found again as it was; and that it is fast, because what does not
change can be kept. What may be published is the list of fields in `facts`; nothing else has a place to stand in.

A release is made, looked at, and only then published; it is never changed. The next one stands beside it, and one that was
wrong is withdrawn with a reason that everybody can read.
"""
