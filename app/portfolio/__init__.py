"""Portfolio: the ranked list of what passed, and the allocation under the ceiling.

In: filings, panels of scores, the ceiling. Out: ranked lines, each saying why it is in or out.
Why: the committee asks "why is this one out?"; the answer is computed by the same pure functions for page, Excel,
PDF and command.
"""
