"""How many calls a file costs on the happy path, in batches of 100, counted between the function and LocalStack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks.content import json_lines
from benchmarks.contestant import running
from benchmarks.counting_proxy import counting_proxy
from benchmarks.end_to_end import BATCH, batches
from benchmarks.events import invocation
from benchmarks.floor.endpoints import Endpoints
from benchmarks.package import PYTHON, environment

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.stage import Stage

_BATCHES: Final = 3
_GET: Final = "GET object"
_DYNAMODB: Final = frozenset({"BatchExecuteStatement", "PutItem", "DeleteItem", "UpdateItem", "GetItem"})


@dataclass(frozen=True)
class Calls:
    """Calls per file.

    Attributes:
        by_operation: of each kind.
        gets: GetObject.
        write_units: of DynamoDB.
        others: neither GetObject nor DynamoDB.
    """

    by_operation: dict[str, float]
    gets: float
    write_units: float
    others: float


def measure(stage: Stage, task: Path, logs: Path) -> Calls:
    """Count the calls of the packaged function."""
    files = stage.land("calls", [json_lines(2000, number) for number in range(_BATCHES * BATCH)])
    with stage.claim_table() as table, counting_proxy(stage.endpoints.s3) as (url, counts):
        variables = environment(task, stage.queue_url, table)
        with running("function", Endpoints.of_one(url), logs, python=PYTHON, environment=variables) as contestant:
            contestant.do(len(files), invocations=[invocation(batch) for batch in batches(files)])
    by_operation = {name: count / len(files) for name, count in sorted(counts.calls.items())}
    return Calls(
        by_operation,
        gets=by_operation.get(_GET, 0.0),
        write_units=counts.write_units / len(files),
        others=sum(count for name, count in by_operation.items() if name != _GET and name not in _DYNAMODB),
    )
