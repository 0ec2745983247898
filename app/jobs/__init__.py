"""Jobs: what was promised in the outbox is done here, out of sight of any page.

In: promises, claimed one at a time for a lease, and the calendar. Out: printed papers, letters written and handed to the
mail server; every step is a small transaction of its own.
Why: long work must not hold a request, a lock or a transaction, and must survive a crash: an unkept promise comes
back when its lease is over, and every handler can be run twice.
"""
