"""Linkage: the integration graph, who provides what to whom, confirmed or only claimed.

In: frozen filings. Out: one graph of agencies, proposals, platforms and data sets, its findings, and where to draw it.
Why: integration is a claim about others; only side by side do the claims show what hangs together, what hangs in the
air, and what everybody counts on. Nothing is stored: the graph follows from the filings.
"""
