"""The lake's proof finds each thing that may be wrong, and nothing where all is right."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.demo.lake.expected import expected_of
from sandbox.demo.lake.found import Answers, Counters, Found, RawObject
from sandbox.demo.lake.proof import Proof, prove
from sandbox.sources.faults import answer_of
from sandbox.sources.people import People
from sandbox.sources.posts import Posts
from sandbox.sources.running import PEOPLE, POSTS, TIDES
from sandbox.sources.stand_in import Sent
from sandbox.sources.tides import Tides

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST, SECOND = "2026-03-08T10:00:00Z", "2026-03-09T10:05:00Z"


def told() -> dict[str, list[Sent]]:
    """What three sources have sent: the posts twice, of which one changed."""
    posts, people, tides = Posts(1), People(1), Tides(1)
    first = Sent({}, answer_of(posts, {}, None).body)
    posts.set_title(7, "red")
    return {
        POSTS: [first, Sent({}, answer_of(posts, {}, None).body)],
        PEOPLE: [Sent({}, answer_of(people, {"results": "3"}, None).body)],
        TIDES: [Sent({}, answer_of(tides, {"cursor": "ZnJvbTo4MA"}, None).body)],
    }


def raw_of(source: str, sent: Sent, at: str) -> RawObject:
    digest = hashlib.sha256(sent.body).hexdigest()
    compact = at.replace("-", "").replace(":", "")
    return RawObject(f"raw/source={source}/date={at[:10]}/{compact}-{digest}.json", "v", source, at, sent.body)


def right(sent: dict[str, list[Sent]]) -> Found:
    """What a lake that does everything right has made of it."""
    raw = [
        raw_of(name, each, at) for name, all_ in sent.items() for each, at in zip(all_, (FIRST, SECOND), strict=False)
    ]
    newest = {each.source: each for each in raw}
    items: dict[str, dict[str, Any]] = {}
    for record in expected_of(sent).values():
        document = json.dumps(record.document, default=float)
        items[record.id] = {
            "id": record.id,
            "source": record.source,
            "captured_at": FIRST,
            "changed_at": SECOND if record.id == "jsonplaceholder-7" else FIRST,
            "fingerprint": hashlib.sha256(document.encode()).hexdigest(),
            "raw_s3_key": newest[record.source].key,
            "processed_at": SECOND,
            "document": document,
            **record.fields,
        }
    shown = [{name: value for name, value in item.items() if name != "document"} for item in items.values()]
    by_source = dict(Counter(item["source"] for item in items.values()))
    total = len(items)
    return Found(
        raw=raw,
        records=items,
        counters=Counters(by_source, {(name, FIRST[:10]): count for name, count in by_source.items()}),
        answers=Answers(
            all=shown,
            by_source={name: [each for each in shown if each["source"] == name] for name in sent},
            single={name: {**items[name], "document": record.document} for name, record in expected_of(sent).items()},
            analytics={
                "total": total,
                "by_source": by_source,
                "by_date": {FIRST[:10]: total, SECOND[:10]: 0},
                "timeline": [{"date": FIRST[:10], "total": total}, {"date": SECOND[:10], "total": 0}],
                "first_date": FIRST[:10],
                "last_date": FIRST[:10],
            },
        ),
        left={"dead letters": 0},
    )


def test_nothing_is_wrong_where_all_is_right() -> None:
    sent = told()
    assert prove(sent, right(sent)) == Proof(
        lost=[], foreign=[], changed=[], misdated=[], leaked=[], raw=[], counters=[], api=[], left=[]
    )


def with_item(found: Found, name: str, **changes: Any) -> Found:
    return replace(found, records={**found.records, name: {**found.records[name], **changes}})


def without(found: Found, name: str) -> Found:
    return replace(found, records={key: item for key, item in found.records.items() if key != name})


def a_person(found: Found) -> str:
    return next(name for name in found.records if name.startswith("randomuser-"))


def leaking(found: Found) -> Found:
    password = json.loads(next(each for each in found.raw if each.source == PEOPLE).body)["results"][0]["login"]["md5"]
    return with_item(found, a_person(found), note=password)


BROKEN: dict[str, tuple[Callable[[Found], Found], str]] = {
    "a record is missing": (lambda found: without(found, "jsonplaceholder-3"), "lost"),
    "a record was never sent": (
        lambda found: replace(found, records={**found.records, "other-1": found.records["jsonplaceholder-1"]}),
        "foreign",
    ),
    "a record has its earlier title": (
        lambda found: with_item(found, "jsonplaceholder-7", title=Posts(1).title(7)),
        "changed",
    ),
    "a fingerprint is of something else": (
        lambda found: with_item(found, "jsonplaceholder-1", fingerprint="0" * 64),
        "changed",
    ),
    "a number is rounded": (
        lambda found: with_item(found, "tide--gauges-r-00081", level_m=Decimal("0.1")),
        "changed",
    ),
    "a record moved to a later day": (
        lambda found: with_item(found, "jsonplaceholder-2", captured_at=SECOND),
        "misdated",
    ),
    "a record names a raw object without its content": (
        lambda found: with_item(found, "jsonplaceholder-7", raw_s3_key=found.raw[0].key),
        "misdated",
    ),
    "a hash of a password is in a record": (leaking, "leaked"),
    "an answer is not in raw": (lambda found: replace(found, raw=found.raw[:-1]), "raw"),
    "a raw object has a byte more": (
        lambda found: replace(found, raw=[*found.raw[:-1], replace(found.raw[-1], body=found.raw[-1].body + b" ")]),
        "raw",
    ),
    "a counter counts twice": (
        lambda found: replace(found, counters=replace(found.counters, total={**found.counters.total, POSTS: 200})),
        "counters",
    ),
    "a day counts too little": (
        lambda found: replace(
            found, counters=replace(found.counters, days={**found.counters.days, (POSTS, FIRST[:10]): 99})
        ),
        "counters",
    ),
    "a page shows a record twice": (
        lambda found: replace(found, answers=replace(found.answers, all=[*found.answers.all, found.answers.all[-1]])),
        "api",
    ),
    "a page leaves one out": (
        lambda found: replace(found, answers=replace(found.answers, all=found.answers.all[1:])),
        "api",
    ),
    "analytics say another total": (
        lambda found: replace(found, answers=replace(found.answers, analytics={**found.answers.analytics, "total": 1})),
        "api",
    ),
    "a message is dead": (lambda found: replace(found, left={"dead letters": 1}), "left"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_wrong_is_found(what: str) -> None:
    break_it, name = BROKEN[what]
    sent = told()
    proof = prove(sent, break_it(right(sent)))
    assert getattr(proof, name), what
    assert not proof.exact
