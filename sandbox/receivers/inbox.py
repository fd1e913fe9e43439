"""What a receiver keeps: bundles, their files, and which deliveries it has."""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.files.bundle.ids import bundle_key
from baler.files.unpacking.bad_bundle import BadBundleError, UnpackLimits
from baler.files.unpacking.place import Placement
from baler.files.unpacking.unpack import staged_name, unpack

if TYPE_CHECKING:
    from pathlib import Path

_LIMITS: Final = UnpackLimits(bytes=2**32, files=100_000)
_REPLAY_ID: Final = re.compile(r"[0-9A-Za-z-]{0,64}")


class FullError(Exception):
    """There is no room: nothing was kept."""


class ConflictError(Exception):
    """Another bundle was kept under that id."""


class Inbox:
    """A folder of bundles that were received.

    A bundle is kept, its files are put in their places, and only then its delivery is noted: what comes again after a
    failure on the way is kept again, and never taken for a duplicate.

    Args:
        folder: is made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._incoming = folder / "incoming"
        self._kept = folder / "bundles"
        self._notes = folder / "noted"
        self.received = folder / "received"
        for path in (self._incoming, self._kept, self._notes, self.received):
            path.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()

    def draft(self) -> Path:
        """Return the path of a file for a body that is being received."""
        return self._incoming / f"{os.getpid()}-{threading.get_ident()}.part"

    def take(self, draft: Path, delivery: Delivery, *, notes_first: bool = False, full: bool = False) -> bool:
        """Keep a bundle that was received whole; False where it had been kept before.

        Args:
            draft: its bytes, which are those of the hash.
            delivery: what it is.
            notes_first: note the delivery before anything is kept.
            full: there is no room.

        Raises:
            FullError: there is no room.
            ConflictError: other bytes were kept under its id.
            BadBundleError: it is none of ours.
        """
        with self._lock:
            note = self._notes / f"{delivery.name}.json"
            if note.exists():
                if json.loads(note.read_text())["sha256"] != delivery.sha256:
                    raise ConflictError
                return False
            if notes_first:
                self._note(note, delivery)
            if full:
                raise FullError
            self._keep(draft, delivery)
            self._note(note, delivery)
            return True

    def _keep(self, draft: Path, delivery: Delivery) -> None:
        staging = self._incoming / f"{delivery.name}.staging"
        shutil.rmtree(staging, ignore_errors=True)
        manifest = unpack(draft, delivery.bundle_id, staging, _LIMITS, lambda: None)
        with Placement(self.received, staging) as placement:
            for number, file in enumerate(manifest.files):
                placement.put(staged_name(number), file, lambda _: None)
            placement.sync()
        shutil.rmtree(staging)
        draft.replace(self._kept / f"{delivery.name}.tar.gz")

    def _note(self, note: Path, delivery: Delivery) -> None:
        draft = note.with_suffix(".draft")
        draft.write_text(json.dumps({"sha256": delivery.sha256}))
        draft.replace(note)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the headers of a request say."""

    bundle_id: str
    replay_id: str
    sha256: str

    @property
    def name(self) -> str:
        """By which it is known again."""
        return f"{self.bundle_id}+{self.replay_id}" if self.replay_id else self.bundle_id

    def check(self) -> None:
        """Refuse what is no id, of which paths are made.

        Raises:
            BadBundleError: it is none.
        """
        try:
            bundle_key(self.bundle_id)
        except ValueError as error:
            raise BadBundleError(str(error)) from error
        if _REPLAY_ID.fullmatch(self.replay_id) is None:
            raise BadBundleError("not a replay id")
