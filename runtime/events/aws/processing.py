"""Wires the processor to AWS: of the mapping's records, and of those that a recovery brings back."""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from baler.daemon_timer import call_at
from baler.events.aws.progress_table import DynamoProgressTable
from baler.events.parsing.parse import parse
from runtime.events.aws.raw_store import S3RawStore
from runtime.events.aws.run_table import DynamoRunTable
from runtime.events.processor.crash_counter import CrashCounter
from runtime.events.processor.processor import Processor

if TYPE_CHECKING:
    from baler.events.stream.ports import StreamTable
    from runtime.events.aws.clients import ProcessorClients

RESERVE_SECONDS: Final = 2.0
"""So long before the deadline the last call of the batch is over: before the crash counter's timer fires, so that a
store that hangs is reported by an answer."""
ANSWER_SECONDS: Final = 0.2
"""What is left for the answer when a run's end was noted."""

_RUN_ID_BYTES: Final = 8
_PARALLEL_PUTS: Final = 16
# A batch's item outlives the objects that it lists: S3 removes them up to some days late.
_SLACK_DAYS: Final = 7


class Processing:
    """What stays between the invocations of one execution environment: clients, threads, runs that are to be ended.

    Args:
        clients: of AWS.
        raw_bucket: name of the raw bucket.
        progress_table: name of the protocol's table.
        raw_days: for how many days raw objects are kept; 0 for ever.
    """

    def __init__(self, clients: ProcessorClients, *, raw_bucket: str, progress_table: str, raw_days: int) -> None:
        self._clients = clients
        self._raw_bucket = raw_bucket
        self._progress_table = progress_table
        self.batch_days = raw_days + _SLACK_DAYS if raw_days else 0
        self._pool = ThreadPoolExecutor(_PARALLEL_PUTS)
        self._deadline = math.inf
        runs = DynamoRunTable(clients.tables, progress_table, lambda: self._deadline - ANSWER_SECONDS)
        self._crashes = CrashCounter(runs, call_at, lambda: os.urandom(_RUN_ID_BYTES).hex())

    def processor(self, deadline: float, table: StreamTable | None = None) -> Processor:
        """Return the processor of one invocation, which is ended at a moment (seconds since the epoch).

        A recovery brings its own table, over which its commits are conditional.
        """
        self._deadline = deadline
        return Processor(table or self.table(deadline - RESERVE_SECONDS), self.store(deadline), parse, self._crashes)

    def store(self, deadline: float) -> S3RawStore:
        """Return the raw store of one invocation."""
        return S3RawStore(self._clients.raw, self._raw_bucket, self._pool, deadline - RESERVE_SECONDS)

    def table(self, until: float) -> DynamoProgressTable:
        """Return the protocol's table, whose calls are over by a moment (seconds since the epoch)."""
        return DynamoProgressTable(self._clients.tables, self._progress_table, until, batch_days=self.batch_days)

    def close(self) -> None:
        """Let the threads go, and the connections that nobody uses."""
        self._pool.shutdown()
        self._clients.close()
