"""How two proposals are compared, letter by letter: folding, weighing, aligning, and the grounds in words.

In: comparables. Out: what `app.similarity.rules` makes a `Comparison` of. Thai is not cut into words anywhere: runs
of a few letters are counted, and a run that many proposals use weighs little or nothing.
"""
