"""Webhooks: systems of agencies and of the joint secretariat that asked to be told what happens.

In: the news other rooms promise. Out: signed messages for every address that asked, each delivered once as far as can be
known, tried again for three days, and a record of it. Why: a system that has to ask every minute asks too often and
learns too late. A message tells that something happened and where to read of it, never what it says: whoever reads must
show a token of their own.
"""
