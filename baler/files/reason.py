"""Why a file or a message was not bundled."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a file or message was not bundled: the dimension of the metrics, and the word in the logs."""

    # rejected
    MALFORMED = "malformed"
    UNKNOWN_SCHEMA = "unknown_schema"
    OTHER_BUCKET = "other_bucket"
    OTHER_EVENT = "other_event"
    TOO_LARGE = "too_large"
    LARGER_THAN_TOLD = "larger_than_told"
    OBJECT_MISSING = "object_missing"
    KILLS = "kills"

    # retried
    BUSY = "busy"
    OUT_OF_TIME = "out_of_time"
    UNREADABLE = "unreadable"
    LANDING_UNAVAILABLE = "landing_unavailable"
    CLAIMS_UNAVAILABLE = "claims_unavailable"
    ARCHIVE_UNAVAILABLE = "archive_unavailable"
    MAILBOX_UNAVAILABLE = "mailbox_unavailable"
    FENCED = "fenced"
    EARLIER_BUNDLE_UNAVAILABLE = "earlier_bundle_unavailable"
    DEAD_LETTERS_UNAVAILABLE = "dead_letters_unavailable"
    INTERNAL_ERROR = "internal_error"
