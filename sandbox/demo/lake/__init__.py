"""The demo of the lake: its sources change, fail and come back, and every record is there once and right."""
