"""The pure core: what is wanted, what was seen, and the steps between them.

Nothing here does I/O, reads a clock, or knows a client library. Functions take what was observed (and `now` where
time matters) and return data: rendered objects, steps, conditions. This is where the thinking and most tests are.
"""
