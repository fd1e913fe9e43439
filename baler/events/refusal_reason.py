"""Why an announced object can never be processed."""

from __future__ import annotations

from enum import StrEnum


class RefusalReason(StrEnum):
    """Why: the attribute `reason` of its dead letter and the dimension of the metric."""

    MALFORMED_MESSAGE = "malformed_message"
    """The message announces no new object of the raw bucket."""
    FOREIGN_KEY = "foreign_key"
    """The key is none that the processor makes."""
    FOREIGN_CONTENT = "foreign_content"
    """The bytes are not those that the key was made of, or no lines that the processor writes."""
    OBJECT_MISSING = "object_missing"
    """A committed batch lists it, and it is not there."""
