"""The desktop monitor: does it serve, what is wrong, since when, what to do.

`model/` knows no Qt and no clock, `feed/` runs asyncio in a thread of its own, `qt/` only draws.
"""
