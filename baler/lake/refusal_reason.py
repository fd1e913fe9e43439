"""Why an announced raw object could not be curated."""

from __future__ import annotations

from enum import StrEnum


class RefusalReason(StrEnum):
    """Why: the attribute `reason` of its dead letter, and the dimension of the metric."""

    MALFORMED_MESSAGE = "malformed_message"
    """The message announces no new object of the raw bucket."""
    OBJECT_MISSING = "object_missing"
    """What it announces is not there."""
    FOREIGN_OBJECT = "foreign_object"
    """The key or the metadata is none that ingestion writes, or the bytes are not those that the key was made of."""
    UNREADABLE = "unreadable"
    """The bytes are no answer of the source, or the source is not declared."""
    UNFORESEEN = "unforeseen"
    """An error that nobody foresaw; its kind is in the log."""
    KILLS = "kills"
    """Runs that took it up never ended, so often that it is not taken up again."""
