"""The deterministic simulation of the event stream: the real processor and transformer, over stores in memory.

It shares virtual clock, fibers, actors and seeded decisions with `simulation`, and adds what is the stream's: pollers
that obey AWS's rules (poller.py), records of all kinds, and S3 events that come late, twice and out of order.
"""
