"""From the staging folder to the place of each file."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from operations.consume.ledger import BundleState
from operations.consume.place import Placement
from operations.consume.unpack import read_manifest, staged_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from operations.consume.ledger import BundleRecord, Ledger
    from operations.consume.state import StateFolder


@dataclass(frozen=True, slots=True)
class Delivery:
    """Delivers unpacked bundles.

    Attributes:
        ledger: what is known.
        state: where their files wait.
        into: where their files go.
        checkpoint: called often; may raise to abandon the work.
    """

    ledger: Ledger
    state: StateFolder
    into: Path
    checkpoint: Callable[[], None]

    def deliver(self, record: BundleRecord) -> None:
        """Bring a bundle from `unpacked` to `delivered`, from wherever an earlier run left it.

        A file that is not staged any more has been published: nothing but its publication takes it from there.
        """
        staging = self.state.staging(record.bundle_id)
        files = read_manifest(staging).files
        staged = {entry.name for entry in staging.iterdir()}
        waiting = [number for number in range(len(files)) if staged_name(number) in staged]
        self.ledger.forget_places(record.bundle_id, waiting)
        with Placement(self.into, staging) as placement:
            for number, file in enumerate(files):
                self.checkpoint()
                if staged_name(number) in staged:
                    note = partial(self.ledger.note_place, record.bundle_id, number, file)
                    placement.put(staged_name(number), file, note)
                else:
                    placement.was_put(file)
            placement.sync()
        self.ledger.advance(record.bundle_id, BundleState.DELIVERED)
        shutil.rmtree(staging)
