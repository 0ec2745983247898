"""Decision books: what a closed meeting rested on, frozen so that it can be replayed from the file alone.

In: the figures of a call as they stood, its filings, documents, scores, terms, decisions and the meeting's record. Out: one
canonical JSON file whose sections are hash-chained, its papers, and the judgement of whoever checks a copy years later.
Why: a decision that only the system can explain is not defended; a file that recomputes itself is.

`chain` is the file and its hashes, `content` what stands in it, `freezing` reads it from the database, `replaying` checks
it without one, `papers` prints it.
"""
