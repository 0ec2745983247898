"""Figures: the numbers of a call added up once, and the papers printed from them.

In: ranked lines, decisions, filings, findings and scores. Out: one `RankingBook` of exact satang, documents for the
printing house, and the papers a person ordered.
Why: page, Excel, PDF and command must agree to the satang, so they read the same value and none of them adds up anew.
"""
