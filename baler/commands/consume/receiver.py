"""From the mailbox to the staging folder: download, verify, unpack, and only then a word in the ledger."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.commands.consume.state import sync_folder
from baler.files.bundle.manifest import FORMAT_VERSION, META_FORMAT_VERSION, META_REPLAY, META_SHA256, NewerFormatError
from baler.files.ledger.ledger import LedgerEntry
from baler.files.unpacking.bad_bundle import BadBundleError, BeyondReachError, Hurdle, UnpackLimits
from baler.files.unpacking.unpack import manifest_sha256, staged_name, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from baler.commands.consume.mailbox import ConsumerMailbox, Content
    from baler.commands.consume.state import StateFolder
    from baler.files.ledger.ledger import Ledger
    from baler.files.ledger.mailbox_object import MailboxObject

MOST_UNPACKED_BYTES_AHEAD: Final = 64 * 1024 * 1024
"""Of a bundle that is staged ahead of its turn: a larger one is taken alone, so that a few cannot fill the disk."""
MOST_FILES_AHEAD: Final = 1000
"""Of such a bundle, whose manifest is read into memory: a few cannot fill that either."""

_REPLAY_ID: Final = re.compile(r"[0-9A-Za-z-]{1,64}")
_VERSION: Final = re.compile(r"[0-9]{1,9}")
# A hostile bundle chooses some of the words.
_LONGEST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class Receiver:
    """Takes bundles in.

    Attributes:
        mailbox: where they wait.
        ledger: what is known.
        state: where they are written.
        limits: what one may unpack to.
        interruption_point: called often; may raise to abandon the work.
    """

    mailbox: ConsumerMailbox
    ledger: Ledger
    state: StateFolder
    limits: UnpackLimits
    interruption_point: Callable[[], None]

    def is_quarantined(self, item: MailboxObject) -> bool:
        """Return whether this very object was quarantined, and would be again with this program's limits and format."""
        noted = self.ledger.quarantined(item)
        if noted is None:
            return False
        reach = {Hurdle.BYTES: self.limits.bytes, Hurdle.FILES: self.limits.files, Hurdle.FORMAT: FORMAT_VERSION}
        return noted.need is None or reach[noted.need.hurdle] < noted.need.least

    def stage_ahead(self, item: MailboxObject, bundle_id: str, check: Callable[[], None]) -> LedgerEntry | None:
        """Fetch and stage a bundle that the ledger does not have; it is `accept` that notes it there.

        Touches neither the ledger nor anything that another bundle has, so that several can be staged at once.

        Args:
            item: its object.
            bundle_id: its id.
            check: called often; may raise to abandon the work.

        Returns:
            The bundle, or None where it is too large for that and must be taken alone.

        Raises:
            BadBundleError, MailboxError, OSError: as `take`.
        """
        limits = UnpackLimits(
            min(self.limits.bytes, MOST_UNPACKED_BYTES_AHEAD), min(self.limits.files, MOST_FILES_AHEAD)
        )
        try:
            return self._stage(item, bundle_id, limits, check)
        except BeyondReachError as error:
            if error.need.hurdle is Hurdle.FORMAT or limits == self.limits:
                raise
            return None

    def accept(self, item: MailboxObject, entry: LedgerEntry) -> None:
        """Note a staged bundle as `unpacked`."""
        self.ledger.add_unpacked(entry)
        for kept in self._kept(item, entry.bundle_id):  # an earlier version or limit put it into quarantine
            kept.unlink(missing_ok=True)

    def take(self, item: MailboxObject, bundle_id: str, *, known: bool) -> LedgerEntry | None:
        """Bring a bundle to the state `unpacked`. An attempt that fails leaves things for StateFolder.sweep.

        Args:
            item: its object.
            bundle_id: its id.
            known: the ledger has had it before, and takes it again only for a replay that is new to it.

        Returns:
            The bundle, or None where nothing about it is new.

        Raises:
            BadBundleError: it cannot be trusted; BeyondReachError: perhaps with another limit or version.
            MailboxError, OSError, LedgerError: it can be tried again.
        """

        def is_new(replay_id: str | None) -> bool:
            return not known or (replay_id is not None and not self.ledger.was_replayed(bundle_id, replay_id))

        entry = self._stage(item, bundle_id, self.limits, self.interruption_point, is_new)
        if entry is not None:
            self.accept(item, entry)
        return entry

    def _stage(
        self,
        item: MailboxObject,
        bundle_id: str,
        limits: UnpackLimits,
        check: Callable[[], None],
        is_new: Callable[[str | None], bool] = lambda _: True,
    ) -> LedgerEntry | None:
        """Fetch, verify and unpack a bundle; None where its replay is not new."""
        if item.size > limits.bytes:
            raise BeyondReachError(
                f"it has {item.size} bytes, more than the limit of this consumer (--max-unpacked-megabytes)",
                Hurdle.BYTES,
                item.size,
            )
        archive, staging = self.state.download(bundle_id), self.state.staging(bundle_id)
        with self.mailbox.get(item) as content:
            replay_id = _replay_id(content.metadata)
            if not is_new(replay_id):
                return None
            _check_format(content.metadata)
            sha256 = self._download(content, archive, check)
        self.state.drop_staging(bundle_id)  # of a delivery that lost its files, or of an attempt that was too large
        manifest = unpack(archive, bundle_id, staging, limits, check)
        entry = LedgerEntry(
            bundle_id=bundle_id,
            key=item.key,
            sha256=sha256,
            files=len(manifest.files),
            bytes=sum(file.size for file in manifest.files),
            compressed_bytes=archive.stat().st_size,
            last_modified=item.last_modified.isoformat(),
            replay_id=replay_id,
            manifest_sha256=manifest_sha256(staging),
        )
        archive.unlink()
        return entry

    def take_again(self, item: MailboxObject, entry: LedgerEntry, published: frozenset[int]) -> None:
        """Stage a bundle once more whose staged files were lost, but for the files that were published already.

        Args:
            item: its object.
            entry: what the ledger says of it.
            published: which files, by position.

        Raises:
            BadBundleError: it cannot be trusted, or is not what was staged before.
            MailboxError, OSError, LedgerError: it can be tried again.
        """
        archive = self.state.download(entry.bundle_id)
        with self.mailbox.get(item) as content:
            sha256 = self._download(content, archive, self.interruption_point)
        if sha256 != entry.sha256:
            raise BadBundleError(f"its SHA-256 is {sha256}, and was {entry.sha256} when its delivery began")
        # Under another name until it is as it must be: a staged file counts as one that was not published.
        fresh = self.state.incoming / f"{entry.bundle_id}.again"
        unpack(archive, entry.bundle_id, fresh, self.limits, self.interruption_point)
        for number in published:
            (fresh / staged_name(number)).unlink()
        sync_folder(fresh)
        self.state.drop_staging(entry.bundle_id)
        fresh.rename(self.state.staging(entry.bundle_id))
        archive.unlink()

    def quarantine(self, item: MailboxObject, bundle_id: str | None, error: BadBundleError) -> tuple[str, Path]:
        """Keep what was downloaded of a bad bundle, with a report; the mailbox keeps its own.

        Returns:
            The reason, and the report.
        """
        reason = str(error)[:_LONGEST_REASON]
        need = error.need if isinstance(error, BeyondReachError) else None
        kept, report = self._kept(item, bundle_id)
        kept.unlink(missing_ok=True)
        if bundle_id is not None and self.state.download(bundle_id).exists():
            self.state.download(bundle_id).replace(kept)
        document = {
            "reason": reason,
            "tried_again_with": None if need is None else {need.hurdle: need.least},
            "object_key": item.key,
            "etag": item.etag,
            "bytes": item.size,
            "last_modified": item.last_modified.isoformat(),
            "kept": kept.name if kept.exists() else None,
        }
        draft = report.with_suffix(".json.draft")
        draft.write_text(json.dumps(document, indent=2) + "\n")
        draft.replace(report)
        self.ledger.quarantine(item, reason, need)
        return reason, report

    def _kept(self, item: MailboxObject, bundle_id: str | None) -> tuple[Path, Path]:
        """Return where the bytes of an object that is quarantined are kept, and the report of it."""
        name = bundle_id or hashlib.sha256(item.key.encode(errors="surrogatepass")).hexdigest()
        return self.state.quarantine / f"{name}.tar.gz", self.state.quarantine / f"{name}.json"

    def _download(self, content: Content, target: Path, check: Callable[[], None]) -> str:
        """Write the object to a file and return its SHA-256, which is the one that its metadata promises."""
        digest = hashlib.sha256()
        with target.open("wb") as sink:
            for chunk in content.chunks:
                check()
                digest.update(chunk)
                sink.write(chunk)
        promised = content.metadata.get(META_SHA256)
        if promised is None:
            raise BadBundleError(f"its metadata has no {META_SHA256}")
        if promised.lower() != digest.hexdigest():
            raise BadBundleError(f"its SHA-256 is {digest.hexdigest()}, its metadata says {promised}")
        return digest.hexdigest()


def _check_format(metadata: Mapping[str, str]) -> None:
    """Refuse a newer format before its bytes are taken for this one; what says nothing is decided by the manifest."""
    version = metadata.get(META_FORMAT_VERSION, "")
    if _VERSION.fullmatch(version) is not None and int(version) > FORMAT_VERSION:
        raise BeyondReachError(str(NewerFormatError(int(version))), Hurdle.FORMAT, int(version))


def _replay_id(metadata: Mapping[str, str]) -> str | None:
    replay_id = metadata.get(META_REPLAY)
    if replay_id is not None and _REPLAY_ID.fullmatch(replay_id) is None:
        raise BadBundleError(f"the {META_REPLAY} in its metadata is no replay id: {replay_id!r}")
    return replay_id
