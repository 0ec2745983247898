"""Proposals: drafts, filings, and the one lifecycle every later room moves by calling `actions.move_proposal`.

In: what officers type, section by section. Out: `ProposalFacts`, frozen at filing as canonical JSON with its
SHA-256, and the receipt.
Why: everything downstream (screening, reviews, portfolio, papers) reads the frozen facts, never the live draft, so
any result can be replayed.
"""
