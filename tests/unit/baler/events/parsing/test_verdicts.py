"""Which bytes become an event, and which are rejected for what: the table of docs/event-records.md, row by row."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from typing import Any, Final

import pytest
from harness.stream_records import packed, record

from baler.events.parsing.parse import parse
from sandbox.terminal.blocks import PROJECT

ROW = re.compile(r"^\| (.+?) \| (?:`(\w+)`|event) \| (?:`([\w.]+)` )?\|$")
GOOD: Final[dict[str, Any]] = {"timestamp": "2024-01-15T10:30:00Z", "event_type": "transaction", "amount": 12.5}


def with_(**fields: object) -> bytes:
    return json.dumps(GOOD | fields, ensure_ascii=False).encode()


def without(name: str) -> bytes:
    return json.dumps({key: value for key, value in GOOD.items() if key != name}).encode()


def amount(text: str) -> bytes:
    return b'{"timestamp":"2024-01-15T10:30:00Z","event_type":"transaction","amount":' + text.encode() + b"}"


def nested(levels: int) -> bytes:
    """A good event whose deepest value has so many levels above it, the event's own included."""
    return amount("1")[:-1] + b',"x":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


def at(moment: object) -> bytes:
    return with_(timestamp=moment)


def of_type(name: object) -> bytes:
    return with_(event_type=name)


G = with_()
CASES: Final[dict[str, bytes]] = {
    "an object with all that its type requires": G,
    "the same, over several lines, with blanks around it": b"\r\n " + json.dumps(GOOD, indent=2).encode() + b"\t\n",
    "a field that is not declared, of any shape": with_(tags=[1, {"a": None}]),
    "an optional field that is null": with_(currency=None),
    "a record of no bytes": b"",
    "blanks and line ends alone": b" \r\n\t",
    "gzip, of a good event too": gzip.compress(G),
    "zlib": zlib.compress(G),
    "Zstandard": b"\x28\xb5\x2f\xfd\x04\x00" + G,
    "packed by the Kinesis Producer Library": packed([G]),
    "packed, with a wrong MD5": packed([G])[:-1] + b"\x00",
    "packed, and cut": packed([G])[:-30],
    "packed, without a record": packed([]),
    "packed, with more than 10,000 records": packed([b""] * 10_001),
    "a text in Latin-1": G.replace(b"12.5", b'12.5,"x":"\xe9"'),
    "a surrogate as three bytes": G.replace(b"12.5", b'12.5,"x":"\xed\xa0\x80"'),
    "UTF-16 with its mark": G.decode().encode("utf-16"),
    "a byte order mark before a good event": b"\xef\xbb\xbf" + G,
    "half an object": G[: len(G) // 2],
    "a line end inside a string": G.replace(b"12.5", b'12.5,"x":"a\nb"'),
    "a comma too many": G[:-1] + b",}",
    "two objects, with a line end between them": G + b"\n" + G,
    "an array of events": b"[" + G + b"]",
    "a text": b'"transaction"',
    "null": b"null",
    "the same key twice": amount('1,"amount":5000'),
    "the same key twice, once by an escape": amount('1,"\\u0061mount":5000'),
    "two keys that differ by case alone": amount('1,"Amount":5000'),
    "the same key twice, in an object inside": amount('1,"device":[{"os":1,"os":2}]'),
    "32 levels": nested(32),
    "33 levels": nested(33),
    "100,000 levels": b"[" * 100_000 + b"]" * 100_000,
    "100,000 brackets that stay open": b'{"a":' * 100_000,
    "an escaped surrogate without a partner": amount('1,"x":"\\ud800"'),
    "an escaped pair of surrogates": amount('1,"x":"\\ud83d\\ude00"'),
    "a string of 900 KB": with_(note="x" * 900_000),
    "amount NaN": amount("NaN"),
    "amount -Infinity": amount("-Infinity"),
    "amount 1e400": amount("1e400"),
    "NaN in an object inside": amount('1,"device":{"load":NaN}'),
    "an integer of 5,000 digits in a field that is not declared": amount('1,"serial":' + "9" * 5_000),
    "amount 10^29": amount("1" + "0" * 29),
    "amount 1e29": amount("1e29"),
    "amount 2^53 + 1": amount(str(2**53 + 1)),
    "amount 2^63": amount(str(2**63)),
    "amount 2^64 + 1": amount(str(2**64 + 1)),
    "amount -0.0": amount("-0.0"),
    "amount with more than nine fractional digits": amount("0.12345678901234567"),
    "amount true": amount("true"),
    "amount as a text": amount('"12.5"'),
    "amount null": amount("null"),
    "amount missing": without("amount"),
    "an optional field of another type": with_(currency=978),
    "a declared field in other case": with_(Currency="EUR"),
    "a field that the processor adds": with_(kinesis={}),
    "event_type missing": without("event_type"),
    "event_type a number": of_type(1),
    "event_type `a/b`": of_type("a/b"),
    "event_type `../x`": of_type("../x"),
    "event_type `metric/year=1999`": of_type("metric/year=1999"),
    "event_type `metric%2Fx`": of_type("metric%2Fx"),
    "event_type `Metric`": of_type("Metric"),
    "event_type with a blank before it": of_type(" metric"),
    "event_type `métric`, composed": of_type("m\u00e9tric"),
    "event_type `métric`, decomposed": of_type("me\u0301tric"),
    "event_type of no characters": of_type(""),
    "event_type of 300 characters": of_type("m" * 300),
    "event_type `__HIVE_DEFAULT_PARTITION__`": of_type("__HIVE_DEFAULT_PARTITION__"),
    "timestamp missing": without("timestamp"),
    "timestamp in seconds since 1970": at(1705314600),
    "timestamp in milliseconds since 1970": at(1705314600123),
    "timestamp true": at(True),
    "timestamp null": at(None),
    "timestamp `2024-W03-1`": at("2024-W03-1"),
    "timestamp `20240115T103000Z`": at("20240115T103000Z"),
    "timestamp with an offset of 25 hours": at("2024-01-15T10:30:00+25:00"),
    "timestamp of February 30": at("2024-02-30T10:30:00Z"),
    "timestamp of a leap second": at("2016-12-31T23:59:60Z"),
    "timestamp of the year 1 with an offset": at("0001-01-01T00:00:00+23:00"),
    "timestamp of the year 9999 with an offset": at("9999-12-31T23:59:59-23:00"),
    "timestamp of 1999": at("1999-12-31T23:59:59.999999Z"),
    "timestamp of 2100": at("2100-01-01T00:00:00Z"),
    "timestamp in digits that are not ASCII": at("２０２４-01-15T10:30:00Z"),  # noqa: RUF001 - that is what is tried
    "timestamp without an offset": at("2024-01-15T10:30:00"),
    "timestamp with nine fractional digits": at("2024-01-15T10:30:00.123456789Z"),
}


def verdicts() -> dict[str, tuple[str, str]]:
    """The page's rows: reason and field by what the record is; both are empty for an event."""
    text = (PROJECT / "docs" / "event-records.md").read_text(encoding="utf-8")
    section = text.partition("## Verdicts")[2].partition("\n## ")[0]
    rows = [ROW.match(line) for line in section.splitlines() if line.startswith("|")][2:]
    return {row[1]: (row[2] or "", row[3] or "") for row in rows if row}


def test_each_row_of_the_page_is_tried_and_nothing_else() -> None:
    assert list(verdicts()) == list(CASES)


@pytest.mark.requirement("EVENT-PROCESS-02", "EVENT-FUTURE-02")
@pytest.mark.parametrize("case", CASES)
def test_a_record_gets_the_verdict_of_the_page(case: str) -> None:
    before, after = record(G, number=1), record(G, number=3)
    parsed = parse([before, record(CASES[case], number=2), after])
    reason, field = verdicts()[case]
    if reason:
        assert [(found.reason, found.field) for found in parsed.rejections] == [(reason, field)]
        assert [event.record for event in parsed.events] == [before, after]
    else:
        assert parsed.rejections == ()
        assert [event.record.sequence_number[-1] for event in parsed.events] == ["1", "2", "3"]
