"""Monitoring: from what was granted to what was spent and reached.

In: granted proposals with the amount of the committee's decision. Out: projects with their plan in versions, what agencies
report month by month and quarter by quarter, what is changed on the way, and how plan and actual stand to each other.
Why: a plan that nobody follows up is a wish. The filing is never edited: a project has lines of its own, approved once; a
plan is only ever followed by another version; a report that was accepted is only ever corrected by another revision; and
figures count once the secretariat accepted what a certifier signed.

A fiscal year's months are counted 1 (October) to 12 (September); 13 to 24 are the year after, in which only money that was
carried over (เงินกันไว้เบิกเหลื่อมปี) may be spent. Quarters are counted 1 to 8 alike.
"""
