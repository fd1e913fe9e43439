"""The objects that the transformer writes: each is named after the raw one that it was made of."""

from __future__ import annotations

from typing import Final

from baler.events.raw_object import RAW_PREFIX

PROCESSED_PREFIX: Final = "processed/"
"""Where processed events lie, in the folders and under the names that the raw ones have."""


def processed_key(raw_key: str) -> str:
    """Return the key of the processed object of a raw one.

    >>> processed_key("raw/event_type=metric/x.json")
    'processed/event_type=metric/x.json'
    """
    return PROCESSED_PREFIX + raw_key.removeprefix(RAW_PREFIX)


def raw_key_of(key: str) -> str:
    """Return the key of the raw object that a processed one was made of.

    >>> raw_key_of("processed/event_type=metric/x.json")
    'raw/event_type=metric/x.json'
    """
    return RAW_PREFIX + key.removeprefix(PROCESSED_PREFIX)
