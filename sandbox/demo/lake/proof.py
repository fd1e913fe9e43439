"""Holds what the lake has made of its sources' answers against what it had to make: each record once, and right."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, cast

from sandbox.demo.lake.expected import Expected, expected_of, records_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sandbox.demo.lake.found import Found, RawObject
    from sandbox.sources.stand_in import Sent

_RAW_KEY: Final = re.compile(
    r"raw/source=(?P<source>[a-z0-9-]+)/date=(?P<date>\d{4}-\d\d-\d\d)/(?P<time>[0-9TZ]+)-(?P<hash>[0-9a-f]{64})\.json"
)


@dataclass(frozen=True, slots=True)
class Proof:
    """What is wrong, by kind: nothing if all is right.

    Attributes:
        lost: sent by a source, and not in the table; by id.
        foreign: in the table, and never sent; by id.
        changed: in the table with other values than were sent last; by id.
        misdated: whose times are not those of the events that showed them; by id.
        leaked: with a text in it that was to stay in raw; by id.
        raw: how the raw layer differs from what was sent.
        counters: how the counters differ from the table.
        api: how the API differs from the table.
        left: what should be empty and is not.
    """

    lost: Sequence[str] = ()
    foreign: Sequence[str] = ()
    changed: Sequence[str] = ()
    misdated: Sequence[str] = ()
    leaked: Sequence[str] = ()
    raw: Sequence[str] = ()
    counters: Sequence[str] = ()
    api: Sequence[str] = ()
    left: Sequence[str] = ()

    @property
    def exact(self) -> bool:
        """Every record is there once and right, and everything that speaks of it says the same."""
        return not any(getattr(self, each.name) for each in fields(self))


def prove(sent: Mapping[str, Sequence[Sent]], found: Found) -> Proof:
    """Return what is wrong with what was found.

    Args:
        sent: the good answers of each source, in the order in which they were fetched.
        found: in the stores.
    """
    expected, there = expected_of(sent), found.records
    met = [(record, there[name]) for name, record in sorted(expected.items()) if name in there]
    return Proof(
        lost=sorted(expected.keys() - there.keys()),
        foreign=sorted(there.keys() - expected.keys()),
        changed=[record.id for record, item in met if not _is_right(record, item)],
        misdated=list(_misdated(met, found.raw)),
        leaked=[record.id for record, item in met if _leaks(record, item, found.answers.single.get(record.id))],
        raw=list(_raw(sent, found.raw)),
        counters=list(_counters(found)),
        api=list(_api(expected, found)),
        left=[f"{count} {where}" for where, count in found.left.items() if count],
    )


def _is_right(record: Expected, item: Mapping[str, Any]) -> bool:
    document: str = item["document"]
    return (
        item["source"] == record.source
        and all(_same(item.get(name), value) for name, value in record.fields.items())
        and item["fingerprint"] == hashlib.sha256(document.encode()).hexdigest()
    )


def _misdated(met: Iterable[tuple[Expected, Mapping[str, Any]]], raw: Sequence[RawObject]) -> Iterator[str]:
    """Yield the records that were not captured first when they say, or whose raw object does not show what they say."""
    shown: dict[str, dict[str, Expected]] = {}
    first: dict[str, str] = {}
    times = {each.captured_at for each in raw}
    for each in raw:
        shown[each.key] = {record.id: record for record in records_in(each.source, each.body)}
        for name in shown[each.key]:
            first[name] = min(first.get(name, each.captured_at), each.captured_at)
    for record, item in met:
        in_raw = shown.get(item["raw_s3_key"], {}).get(record.id)
        if (
            item["captured_at"] != first.get(record.id)
            or item["changed_at"] not in times
            or item["changed_at"] < item["captured_at"]
            or in_raw is None
            or in_raw.fields != record.fields
        ):
            yield record.id


def _leaks(record: Expected, item: Mapping[str, Any], answer: Mapping[str, Any] | None) -> bool:
    text = json.dumps([item, answer], default=str, ensure_ascii=False)
    return any(json.dumps(secret, ensure_ascii=False)[1:-1] in text for secret in record.secrets)


def _raw(sent: Mapping[str, Sequence[Sent]], raw: Sequence[RawObject]) -> Iterator[str]:
    for source, answers in sent.items():
        bodies, kept = {each.body for each in answers}, {each.body for each in raw if each.source == source}
        if missing := len(bodies - kept):
            yield f"{missing} answers of {source} are not in raw byte for byte"
        if foreign := len(kept - bodies):
            yield f"{foreign} raw objects of {source} are no answer of it"
    for each in raw:
        named = _RAW_KEY.fullmatch(each.key)
        said = (each.source, each.captured_at[:10], hashlib.sha256(each.body).hexdigest())
        if named is None or (named["source"], named["date"], named["hash"]) != said:
            yield f"{each.key} is not named by its source, day and content"


def _counters(found: Found) -> Iterator[str]:
    total = Counter(item["source"] for item in found.records.values())
    days = Counter((item["source"], item["captured_at"][:10]) for item in found.records.values())
    if dict(found.counters.total) != dict(total):
        yield f"in all they say {dict(found.counters.total)}, and the table has {dict(total)}"
    if dict(found.counters.days) != dict(days):
        yield f"by day they say {dict(found.counters.days)}, and the table has {dict(days)}"


def _api(expected: Mapping[str, Expected], found: Found) -> Iterator[str]:
    answers, records = found.answers, found.records
    yield from _pages("all records", answers.all, set(records))
    for source, page in answers.by_source.items():
        yield from _pages(f"the records of {source}", page, {k for k, v in records.items() if v["source"] == source})
    for record in answers.all:
        name = record["id"]
        if name in expected and not _shows(record, expected[name], records.get(name, {})):
            yield f"{name} is shown with other values than were sent"
    for name, record in answers.single.items():
        if name in expected and (record is None or not _same(record["document"], expected[name].document)):
            yield f"{name} is shown with another document than was sent"
    yield from _analytics(found)


def _pages(what: str, records: Sequence[Mapping[str, Any]], there: set[str]) -> Iterator[str]:
    times = Counter(record["id"] for record in records)
    if set(times) != there or max(times.values(), default=1) > 1:
        missing, twice = len(there - set(times)), sum(number > 1 for number in times.values())
        yield f"the pages of {what} have {len(times)} of {len(there)}: {missing} are missing, {twice} come twice"
    if [record["captured_at"] for record in records] != sorted((r["captured_at"] for r in records), reverse=True):
        yield f"the pages of {what} are not in order, the newest first"


def _shows(record: Mapping[str, Any], expected: Expected, item: Mapping[str, Any]) -> bool:
    attributes = ("source", "captured_at", "changed_at", "fingerprint", "raw_s3_key", "processed_at")
    return all(record[name] == item.get(name) for name in attributes) and all(
        _same(record.get(name), value) for name, value in expected.fields.items()
    )


def _same(one: Any, other: Any) -> bool:
    """Whether two values of JSON are the same: 3.0 and 3 are, 1 and true are not."""
    return _comparable(one) == _comparable(other)


def _comparable(value: Any) -> Any:
    match value:
        case bool() | str() | None:
            return (type(value).__name__, value)
        case dict():
            return {key: _comparable(each) for key, each in cast("dict[str, Any]", value).items()}
        case list():
            return [_comparable(each) for each in cast("list[Any]", value)]
        case _:
            return Decimal(value)


def _analytics(found: Found) -> Iterator[str]:
    said = found.answers.analytics
    by_source = Counter(item["source"] for item in found.records.values())
    days = Counter(item["captured_at"][:10] for item in found.records.values())
    wanted: Mapping[str, Any] = {
        "total": len(found.records),
        "by_source": dict(by_source),
        "first_date": min(days, default=None),
        "last_date": max(days, default=None),
    }
    for name, value in wanted.items():
        if said[name] != value:
            yield f"/analytics says {name} {said[name]}, and the table {value}"
    if {day: n for day, n in said["by_date"].items() if n} != dict(days):
        yield f"/analytics says {said['by_date']} by date, and the table {dict(days)}"
    if [each["total"] for each in said["timeline"]] != [days[each["date"]] for each in said["timeline"]]:
        yield "the timeline of /analytics is not that of the table"
