"""Notices: what people are told by e-mail, when, and in which language.

In: events promised by other rooms (somebody was invited, a filing was returned) and the calendar of calls. Out: one
`Mail` per person and event, written once, sent by `app/jobs`, kept as the list of what was sent.
Why: earlier rooms only promise that something happened; who is told, and how, is decided here and nowhere else.
"""
