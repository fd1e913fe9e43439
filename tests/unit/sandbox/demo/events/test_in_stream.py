"""What was sent is what lies in the stream, a record that lies there twice included."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from sandbox.demo.events.in_stream import SentRecord, records_of
from sandbox.demo.events.made_up import MadeUpRecord
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Sequence

ONE, OTHER = (MadeUpRecord(data, "key", None, "") for data in (b"one", b"other"))


def held(*data: bytes) -> Sequence[bytes]:
    return [
        json.dumps(
            {
                "shard_id": "s",
                "sequence_number": str(number),
                "partition_key": "key",
                "data": base64.b64encode(each).decode(),
            }
        ).encode()
        for number, each in enumerate(data)
    ]


def test_each_record_has_its_place_and_equal_ones_have_two() -> None:
    assert records_of(held(b"other", b"one", b"one"), [ONE, OTHER, ONE]) == [
        SentRecord(ONE, "s", "1"),
        SentRecord(OTHER, "s", "0"),
        SentRecord(ONE, "s", "2"),
    ]


def test_a_record_that_the_stream_took_twice_counts_twice() -> None:
    assert records_of(held(b"one", b"one"), [ONE]) == [SentRecord(ONE, "s", "0"), SentRecord(ONE, "s", "1")]


def test_a_record_that_is_missing_or_foreign_ends_the_demo() -> None:
    with pytest.raises(SandboxError, match="lost a record"):
        records_of(held(b"one"), [ONE, OTHER])
    with pytest.raises(SandboxError, match="nobody sent"):
        records_of(held(b"one", b"mine"), [ONE])
