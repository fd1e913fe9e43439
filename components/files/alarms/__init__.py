"""The alarms of the file pipeline, by what they watch."""
