"""Identity: ministries, agencies, people, memberships, sign-in, and the one table of who may do what.

In: an address and password, a one-time code, a provider's word, an invitation. Out: an `Actor`, and the
answer of `rules.scope_of`.
Why: four peers leaked through one forgotten check. Here every page, action and template asks the same table,
and what the table does not grant is denied.
"""
