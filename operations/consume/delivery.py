"""From the staging folder to the place of each file."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from operations.consume.access import UMASK, Access
from operations.consume.ledger import BundleState
from operations.consume.place import Placement
from operations.consume.unpack import read_manifest, staged_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from operations.consume.ledger import BundleRecord, Ledger
    from operations.consume.state import StateFolder
    from runtime.bundle.manifest import ManifestFile


@dataclass(frozen=True, slots=True)
class Delivery:
    """Delivers unpacked bundles.

    Attributes:
        ledger: what is known.
        state: where their files wait.
        into: where their files go.
        checkpoint: called often; may raise to abandon the work.
        access: mode and group of what is delivered.
    """

    ledger: Ledger
    state: StateFolder
    into: Path
    checkpoint: Callable[[], None]
    access: Access = UMASK

    def deliver(self, record: BundleRecord) -> None:
        """Bring a bundle from `unpacked` to `delivered`, from wherever an earlier run left it.

        A file that is not staged any more has been published: nothing but its publication takes it from there.
        One that is staged may have a note of its place all the same: from an attempt that died before the move, or
        from the delivery that a replay repeats.
        """
        staging = self.state.staging(record.bundle_id)
        files = read_manifest(staging).files
        staged = {entry.name for entry in staging.iterdir()}
        with Placement(self.into, staging, self.access) as placement:
            for number, file in enumerate(files):
                self.checkpoint()
                if staged_name(number) in staged:
                    self._publish(placement, record.bundle_id, number, file)
                else:
                    placement.was_put(self.ledger.noted_place(record.bundle_id, number) or file.key)
            placement.sync()
        self.ledger.advance(record.bundle_id, BundleState.DELIVERED)
        shutil.rmtree(staging)

    def _publish(self, placement: Placement, bundle_id: str, number: int, file: ManifestFile) -> None:
        noted = self.ledger.noted_place(bundle_id, number)
        if noted is not None:
            if placement.is_at(noted, staged_name(number), file):
                return
            self.ledger.forget_place(bundle_id, number)
        placement.put(staged_name(number), file, partial(self.ledger.note_place, bundle_id, number, file))
