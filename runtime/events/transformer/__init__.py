"""Takes raw objects that a committed batch lists, and writes what they hold as processed events."""
