"""What streams hold, for those who judge what became of it: `GET /_baler/streams/<name>`, a JSON object a line.

A producer whose call stayed without an answer does not know what the stream has taken, and a stream's key lets nobody
read it but its functions.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from localstack.http import Response
from localstack.runtime import hooks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localstack.http import Request


@hooks.on_infra_start()
def show_what_streams_hold() -> None:
    """Take requests for it."""
    from localstack.services.edge import ROUTER  # noqa: PLC0415 - it loads half of the gateway

    ROUTER.add("/_baler/streams/<name>", endpoint=_held, methods=["GET"])


def _held(_request: Request, name: str, **_: str) -> Response:
    found = list(_streams(name))
    if not found:
        return Response(json.dumps({"message": f"There is no stream {name}"}), 404)
    lines = (
        json.dumps(
            {
                "shard_id": shard.shard_id,
                "sequence_number": str(record.sequence_number),
                "partition_key": record.partition_key,
                "data": record.data,  # as it came: base64
            }
        )
        for stream in found
        for shard in list(stream.shards.values())
        for record in shard.held()
    )
    return Response("".join(f"{line}\n" for line in lines), 200)


def _streams(name: str) -> Iterator[Any]:
    from moto.kinesis.models import kinesis_backends  # noqa: PLC0415 - it loads moto's Kinesis

    for account in list(kinesis_backends.values()):
        for backend in list(account.values()):
            if name in backend.streams:
                yield backend.streams[name]
