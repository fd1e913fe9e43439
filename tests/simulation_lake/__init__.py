"""The deterministic simulation of the lake: the real ingestion and curation, over stores in memory.

It shares virtual clock, fibers, actors and seeded decisions with `simulation`, and adds what is the lake's: a source
that changes and goes back, a schedule that fires late, twice and over itself, and S3 events in any order.
"""
