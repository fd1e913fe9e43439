"""Why a record can never become an event."""

from __future__ import annotations

from enum import StrEnum


class RejectionReason(StrEnum):
    """Why a record can never become an event: the word in its rejected line and the dimension of the metric.

    docs/event-records.md says which bytes get which.
    """

    # the bytes
    EMPTY = "empty"
    COMPRESSED = "compressed"
    KPL_AGGREGATED = "kpl_aggregated"
    NOT_UTF8 = "not_utf8"
    # the document
    NOT_JSON = "not_json"
    SEVERAL_DOCUMENTS = "several_documents"
    NOT_AN_OBJECT = "not_an_object"
    DUPLICATE_KEY = "duplicate_key"
    TOO_DEEP = "too_deep"
    LONE_SURROGATE = "lone_surrogate"
    NUMBER_OUT_OF_RANGE = "number_out_of_range"
    # the event
    RESERVED_FIELD = "reserved_field"
    FIELD_CASE = "field_case"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    UNKNOWN_EVENT_TYPE = "unknown_event_type"
    BAD_TIMESTAMP = "bad_timestamp"
    # not of its content
    KILLS = "kills"
