"""The plain peer as a process."""

from __future__ import annotations

from typing import Any

from benchmarks.plain_aggregator import PlainAggregator, get_boto_clients
from benchmarks.stage import ARCHIVE, LANDING
from benchmarks.workers.serve import serve


class PlainWorker:
    """Makes clients once."""

    def __init__(self) -> None:
        self._aggregator = PlainAggregator(get_boto_clients(), LANDING, ARCHIVE)

    def work(self, request: dict[str, Any]) -> int:
        """Handle batches; returns how many files were bundled.

        Args:
            request: `batches`, each a list of keys; `bundle_prefix`; and `claim_table`, a name or null.
        """
        return sum(
            self._aggregator.process(keys, f"{request['bundle_prefix']}/{number}.tar.gz", request["claim_table"])
            for number, keys in enumerate(request["batches"])
        )


if __name__ == "__main__":
    serve(PlainWorker().work)
