"""How the events of a shard are committed once each, whatever is repeated: frontier, batches, the transformer's gate.

Names of objects alone cannot give that. A batch may be cut elsewhere when it comes again (a time-out, a bisect, a lost
checkpoint): then the objects of the whole stay, and those of its halves come beside them. So a shard has a
*frontier*, the number up to which all records are committed, which moves in one transaction with the list of objects
that the batch consists of. An object that no committed batch lists is an orphan, and nobody reads it.
"""
