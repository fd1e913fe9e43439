"""Shard iterators: a place in a shard, for five minutes.

https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple

LIFE_SECONDS = 300


class IteratorError(Exception):
    """A text is no shard iterator."""


class ShardIterator(NamedTuple):
    """A place behind a sequence number; 0 is before all."""

    stream: str
    shard: str
    last: int
    issued_at: float
    """Seconds since the epoch."""

    def text(self) -> str:
        """Return what a client is given."""
        return urlsafe_b64encode(":".join(map(str, self)).encode()).decode()

    def expired(self, now: float) -> bool:
        """Tell whether it was given out more than five minutes ago."""
        return now - self.issued_at > LIFE_SECONDS


def parse_iterator(text: str) -> ShardIterator:
    """Return the iterator that a client names.

    Raises:
        IteratorError: it is none of ours.
    """
    try:
        stream, shard, last, issued_at = urlsafe_b64decode(text.encode()).decode().split(":")
        return ShardIterator(stream, shard, int(last), float(issued_at))
    except (ValueError, binascii.Error) as error:
        raise IteratorError(f"Invalid ShardIterator: {text}") from error
