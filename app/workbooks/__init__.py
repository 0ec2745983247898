"""Workbooks: filled-in sheets go out to people and come back, and nothing that comes back is trusted.

In: a `Template` (sheets of columns, what is already there, whose it is), or the bytes somebody uploaded.
Out: an .xlsx to fill in; what a returned one says, row by row with the sheet's own row numbers, and every fault at
its cell; the same workbook with those cells marked. Nothing here knows budgets, people or the database.
Why: officers work in Excel, and a workbook is a zip of XML that can inflate, call out, calculate and lie. It is
looked at before it is parsed, and parsed in a limited child process that holds nothing worth stealing.
"""
