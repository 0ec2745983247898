"""What-if: the best that could be had under the same terms, for an aim in plain sight.

In: ranked entries and the terms they are laid by. Out: the best choice the solver found, how good any choice could be at
most, and where it differs from the walk down the rank. It decides nothing: the list everybody reads is the walk's.

The terms mean what they mean to the walk (`allocation.py`). Where a walk and a search could differ, this is the meaning:

- What must be funded or was taken by hand is taken first, in rank order, whole, under the ceiling only; where the terms
  allow it, what must be funded and does not fit whole is taken with the least it works with. It counts towards caps and
  is not stopped by them, nor by exclusions; what of it does not fit the ceiling stays out.
- Everybody else is free: any choice that keeps ceiling, caps, needs and exclusions, with all an entry asks for or, where
  the terms allow it, with the least it works with.
- Floors come before the aim. Where not all can be reached, each in the order declared is brought as near as it can be
  without giving up one before it; only then the aim counts.
"""
