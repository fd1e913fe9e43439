"""Takes raw objects, and keeps what they show of each record: every record once, counted once, as it was seen last."""
