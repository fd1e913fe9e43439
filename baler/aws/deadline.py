"""Gives a client the deadline of an invocation, if it can have one."""

from __future__ import annotations

from typing import Any, TypeVar

from baler.aws.http.client import Service

Client = TypeVar("Client")


def until(client: Client, deadline: float) -> Client:
    """Return the client with its calls bounded by `deadline` (seconds since the epoch).

    boto3's clients, which the `baler` command passes, stay as they are: they know time-outs only for a single read,
    and no invocation waits for that command.
    """
    limited: Any = client.until(deadline) if isinstance(client, Service) else client
    return limited
