"""Ours: the aggregator over real clients, with the claim table or without."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from baler.files.aws.claim_table import DynamoClaimTable
from baler.files.claims.protocol import ClaimProtocol
from benchmarks.stage import ARCHIVE, LANDING, MAILBOX
from benchmarks.workers.serve import serve
from runtime.files.aggregator.attempt import Stores
from runtime.files.aggregator.batch import Aggregator, BatchLimits, Message
from runtime.files.aggregator.file_outcome import BUNDLED
from runtime.files.aws.buckets import S3Archive, S3Mailbox
from runtime.files.aws.clients import Clients
from runtime.files.aws.landing import S3Landing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.files.claims.model import BundleRecord, Claim
    from baler.store_errors import Unavailable

_WORKERS: Final = 16
# Longer than any batch here takes. A growth of one batch to 5 GB is measured, not how it is cut short.
_DEADLINE_SECONDS: Final = 3600.0
_LIMITS: Final = BatchLimits(
    landing_bucket=LANDING,
    claim_lifetime_seconds=9 * 86_400,
    max_file_bytes=100 * 1024 * 1024,
    max_bundle_bytes=128 * 1024 * 1024,
    in_memory_bytes=96 * 1024 * 1024,
)


class NoClaims:
    """A claim table that grants everything and costs nothing."""

    def insert(self, claims: Sequence[Claim]) -> list[Claim | Unavailable | None]:
        """Grant the claims."""
        return [None for _ in claims]

    def claim(self, claim: Claim, now: float) -> Claim | None:  # noqa: ARG002 - the port's signature
        """Grant the claim."""
        return None

    def take_over(self, claim: Claim, old: Claim) -> bool:  # noqa: ARG002 - as above
        """Grant the claim."""
        return True

    def give_back(self, claim: Claim) -> None:
        """Forget nothing: nothing is known."""

    def read_claim(self, claim: Claim) -> Claim | None:
        """Say that the claim stands."""
        return claim

    def bundle(self, bundle_id: str) -> BundleRecord | None:  # noqa: ARG002 - as above
        """Know no bundle."""
        return None

    def record(self, record: BundleRecord) -> None:
        """Note nothing."""


class AggregatorWorker:
    """Makes clients and threads once, as an execution environment does."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_WORKERS)
        self._clients = Clients.connect(LANDING, ARCHIVE, MAILBOX)

    def work(self, request: dict[str, Any]) -> int:
        """Handle batches; returns how many messages were bundled.

        Args:
            request: `batches`, each a list of message bodies, and `claim_table`, a name or null.
        """
        table: str | None = request["claim_table"]
        aggregator = Aggregator(
            stores=lambda until: self._stores(table, until), limits=_LIMITS, clock=time.time, entropy=os.urandom
        )
        bundled = 0
        for batch in request["batches"]:
            messages = [Message(str(number), body, time.time()) for number, body in enumerate(batch)]
            report = aggregator.handle(messages, time.time() + _DEADLINE_SECONDS)
            bundled += sum(outcome == BUNDLED for outcome in report.messages.values())
        return bundled

    def _stores(self, table: str | None, until: float) -> Stores:
        claims = DynamoClaimTable(self._clients.claims, table, until) if table else NoClaims()
        archive = S3Archive(self._clients.archive, ARCHIVE, until)
        mailbox = S3Mailbox(self._clients.mailbox, MAILBOX, ARCHIVE, until)
        return Stores(
            ClaimProtocol(claims, archive, mailbox, concurrently=self._pool.map, clock=time.time, pause=time.sleep),
            S3Landing(self._clients.landing, self._pool, _LIMITS.max_file_bytes, _LIMITS.in_memory_bytes, until),
            archive,
            mailbox,
        )


if __name__ == "__main__":
    serve(AggregatorWorker().work)
