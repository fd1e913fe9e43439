"""How records that the plain protocol has passed by are committed after all, once.

The frontier of a shard drops whatever lies at or before it, and a record that was given up (a destination on failure, a
gap) does. So what is brought back is committed under a *pseudo-shard* of its own, on the condition that no batch, and
no other recovery, covers it.
"""
