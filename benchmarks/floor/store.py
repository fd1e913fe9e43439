"""The fast floor's S3: SeaweedFS over plain HTTP, which checks the signature of every request as S3 does.

What it has of S3 that the contestants use: versions, conditional puts and gets, copies, uploads in parts, checksums
(tests/unit/benchmarks/test_fast_floor.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.engine.endpoint import ROOT
from sandbox.localstack.ports import LOOPBACK
from sandbox.receivers.store import Keys, Store, running_store

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


@dataclass(slots=True)
class PlainStore(Store):
    """A store whose owner has the keys that every contestant is given."""

    owner_keys: Keys = field(default_factory=lambda: Keys(ROOT.access_key_id, ROOT.secret_access_key))

    @property
    def endpoint(self) -> str:
        """Where it is, for everybody."""
        return f"http://{LOOPBACK}:{self.ports['s3']}"

    def _transport(self) -> list[str]:
        return []


def running_plain_store() -> AbstractContextManager[PlainStore]:
    """Start an empty store on free ports, and end it with the block."""
    return running_store(PlainStore)
