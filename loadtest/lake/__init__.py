"""The lake under load: ten thousand records curated at once, and its API asked on a schedule."""
