"""The alarms of the lake, by what they watch."""
