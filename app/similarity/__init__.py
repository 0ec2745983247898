"""Similarity: what resembles what, across agencies and years, and what people said of it.

In: frozen filings, and a draft for its own officer. Out: scored pairs with the matching passages and the reasons in
words; verdicts of the secretariat, remembered for the two proposals through later filings and years.
Why: the plan exists to stop paying twice. A machine finds the pairs, a person judges them; a score alone decides
nothing. Thai needs no word segmentation for it: runs of letters are compared.
"""
