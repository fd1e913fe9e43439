"""Reconciliation's ports in memory; every call goes through the hook of harness.stores, in which it may go wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from baler.files.reconciliation.ports import Marker, VersionPage
from harness.stores import Calls, MemoryTable, plain
from runtime.files.reconciliation.ports import Superseded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from baler.files.claims.model import BundleRecord, Claim
    from baler.files.landed_file import LandedFile
    from runtime.files.reconciliation.progress import Progress


@dataclass
class MemoryVersions:
    """The landing bucket's versions, as they are when a page is asked for, listed as S3 lists them: by key."""

    files: Iterable[LandedFile]
    page_size: int = 1000
    call: Calls = plain

    def page(self, after: Marker | None) -> VersionPage:
        return self.call("landing.list", lambda: self._page(after))

    def _page(self, after: Marker | None) -> VersionPage:
        behind = ("", "") if after is None else (after.key, after.version_id)
        listed = sorted((file.key, file.version_id or "null", file) for file in self.files)
        left = [entry for entry in listed if entry[:2] > behind]
        page = left[: self.page_size]
        more = len(left) > len(page)
        return VersionPage([file for _, _, file in page], Marker(*page[-1][:2]) if more else None)


@dataclass
class MemoryClaimReader:
    """The claim table, and the files that are known to be among the dead letters."""

    table: MemoryTable
    dead: set[str] = field(default_factory=set[str])
    call: Calls = plain

    def claims(self, identities: Collection[str]) -> Mapping[str, Claim]:
        claims = self.table.claims
        return self.call("table.read", lambda: {each: claims[each] for each in identities if each in claims})

    def bundles(self, bundle_ids: Collection[str]) -> Mapping[str, BundleRecord]:
        records = self.table.records
        return self.call("table.read", lambda: {each: records[each] for each in bundle_ids if each in records})

    def rejections(self, identities: Collection[str]) -> Mapping[str, str]:
        return self.call("table.read", lambda: dict.fromkeys(self.dead.intersection(identities), "too_large"))


@dataclass
class MemoryQueue:
    """The ingest queue: the bodies that were sent, beside those that were there before."""

    waiting: int = 0
    bodies: list[str] = field(default_factory=list[str])
    call: Calls = plain

    def depth(self) -> int:
        return self.call("queue.depth", lambda: self.waiting + len(self.bodies))

    def send(self, bodies: Sequence[str]) -> None:
        self.call("queue.send", lambda: self.bodies.extend(bodies))


@dataclass
class MemoryProgress:
    """The progress that was noted last."""

    saved: Progress | None = None
    call: Calls = plain

    def load(self) -> Progress | None:
        return self.call("progress.load", lambda: self.saved)

    def save(self, progress: Progress) -> None:
        def effect() -> None:
            before = self.saved
            if before is not None and before != progress and before.generation != progress.generation - 1:
                raise Superseded
            self.saved = progress

        self.call("progress.save", effect)
