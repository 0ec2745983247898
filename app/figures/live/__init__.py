"""The committee's workbook as a calculation: what is typed into it leads to what this system would compute.

In: an allocation with its terms, the reviews it rests on. Out: tables of the printing house whose cells are formulas,
their results as the rules of reviews and portfolio compute them.
Why: a member who changes a weight, the ceiling or one project at the table wants the same figures as everybody else.
"""
