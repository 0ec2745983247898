"""Workbooks: filled-in sheets go out to people and come back, and nothing that comes back is trusted.

In: a `Template` (sheets of columns, what is already there, whose it is), or the bytes somebody uploaded.
Out: an .xlsx to fill in; what a returned one says, row by row with the sheet's own row numbers, and every fault at
its cell; the same workbook with those cells marked. What was sent has a life of its own, the same for every room:
`uploads`, `models`, `queries` and `actions`. Nothing here knows budgets or people, and nothing that reads a workbook knows
the database.
Why: officers work in Excel, and a workbook is a zip of XML that can inflate, call out, calculate and lie. It is
looked at before it is parsed, and parsed in a limited child process that holds nothing worth stealing.
"""
