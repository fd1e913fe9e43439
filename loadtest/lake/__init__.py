"""The lake under load: its API asked on a schedule, and ten thousand records curated at once."""
