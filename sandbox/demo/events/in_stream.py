"""What lies in the stream: read from it, since a producer whose call stayed without an answer does not know."""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from urllib3 import PoolManager

from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.demo.events.made_up import MadeUpRecord
    from sandbox.deployed import DeployedEvents


@dataclass(frozen=True, slots=True)
class SentRecord:
    """A record in the stream. One that was sent again after its answer was lost may lie there twice, as two.

    Attributes:
        made_up: the record.
        shard_id: where it lies.
        sequence_number: its place there.
    """

    made_up: MadeUpRecord
    shard_id: str
    sequence_number: str


def records_in_stream(deployed: DeployedEvents, made_up: Sequence[MadeUpRecord]) -> list[SentRecord]:
    """Return what lies in the stream of records that were made up; see `records_of`."""
    return records_of(_lines(f"{deployed.endpoint}/_baler/streams/{deployed.stream}"), made_up)


def records_of(lines: Iterable[bytes], made_up: Sequence[MadeUpRecord]) -> list[SentRecord]:
    """Return where records lie that were made up.

    Args:
        lines: what the stream holds, as the sandbox shows it.
        made_up: in the order in which they were sent.

    Raises:
        SandboxError: one of them is not there, though the producer had an answer for it, or others are.
    """
    places: dict[tuple[bytes, str], list[tuple[str, str]]] = defaultdict(list)
    for line in lines:
        record = json.loads(line)
        name = base64.b64decode(record["data"]), record["partition_key"]
        places[name].append((record["shard_id"], record["sequence_number"]))
    sent: list[SentRecord] = []
    alike: dict[tuple[bytes, str], MadeUpRecord] = {}
    for record in made_up:
        name = record.data, record.partition_key
        if not places[name]:
            raise SandboxError(f"The stream has lost a record that it had taken: {record.data[:80]!r}")
        sent.append(SentRecord(record, *places[name].pop(0)))
        alike[name] = record
    foreign = [name for name, left in places.items() if left and name not in alike]
    if foreign:
        raise SandboxError(f"The stream has records that nobody sent: {foreign[0][0][:80]!r}")
    return sent + [SentRecord(alike[name], *place) for name, left in places.items() for place in left]


def _lines(url: str) -> list[bytes]:
    answer = PoolManager().request("GET", url)
    if answer.status != 200:  # noqa: PLR2004 - OK
        raise SandboxError(f"{url} answered {answer.status}: {answer.data[:500].decode(errors='replace')}")
    return answer.data.splitlines()
