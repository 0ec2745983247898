"""The kernel: words no budget officer would say.

Job: the ground every room stands on: bilingual text, money, time, canonical JSON, errors, lifecycle tables,
the database with its one write transaction (`work`), the audit chain, the outbox and stored files.
In: nothing of the other rooms. Out: small values and one way to write.
Why: exactness lives in one place. Money, clock, hashing and the commit are each written once.
"""
