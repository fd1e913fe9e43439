"""Takes batches of a shard, and commits each of its records once: as an event in raw, or as a rejected line."""
