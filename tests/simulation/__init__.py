"""The deterministic simulation: the real protocol over stores in memory, a virtual clock and a seeded scheduler.

A *schedule* is a workload and a list of decisions (who pauses, what crashes, which call times out), both drawn from a
seed. After its last decision the world is kind: all must then come right, and nothing may have been lost or doubled on
the way. In three schedules of ten the bundles are pushed: couriers take them from the mailbox to a receiver in all
moods (push.py, receiver.py). `python -m simulation --schedules N` looks for a schedule that breaks the claim protocol
or the courier's promises, and shrinks it.
"""
