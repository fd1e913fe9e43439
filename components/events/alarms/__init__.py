"""The alarms of the event stream, by what they watch."""
