from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from baler.lake.announcement import announcements
from baler.lake.rebuild import RawVersion, Rebuilt, prefixes_of, rebuild

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DAY = date(2026, 3, 8)
PREFIX = "raw/source=posts/date=2026-03-08/"


@dataclass
class Stores:
    """The raw layer and the queue."""

    listed: list[RawVersion]
    not_taken: int = 0
    calls: list[list[str]] = field(default_factory=list[list[str]])

    def under(self, prefix: str) -> Iterator[RawVersion]:
        return (each for each in self.listed if each.key.startswith(prefix))

    def send(self, bodies: Sequence[str]) -> int:
        self.calls.append(list(bodies))
        return self.not_taken


def version(number: int, *, readable: bool = True) -> RawVersion:
    return RawVersion(f"{PREFIX}{number // 2}.json", f"v{number}", 1_773_014_400.0, readable)


def test_every_version_of_every_object_is_announced() -> None:
    stores = Stores([version(number) for number in range(23)])
    done = list(rebuild(stores, stores, "raw", prefixes_of(["posts"], DAY, DAY)))
    assert [len(call) for call in stores.calls] == [10, 10, 3]
    sent = [each for call in stores.calls for body in call for each in announcements(body, "raw")]
    assert [(each.key, each.version) for each in sent] == [(each.key, each.version) for each in stores.listed]
    assert all(each.again for each in sent)
    assert done == [Rebuilt(10), Rebuilt(20), Rebuilt(23)]


def test_what_is_archived_or_not_taken_is_counted() -> None:
    stores = Stores([version(number, readable=number != 1) for number in range(4)], not_taken=2)
    assert list(rebuild(stores, stores, "raw", [PREFIX])) == [Rebuilt(sent=1, refused=2, archived=1)]


def test_days_without_raw_objects_are_nothing_to_do() -> None:
    stores = Stores([])
    assert list(rebuild(stores, stores, "raw", prefixes_of(["posts", "users"], DAY, DAY))) == [Rebuilt()]
    assert not stores.calls
