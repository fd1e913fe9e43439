"""Items of DynamoDB by their keys, a hundred at a time, until it has answered for all of them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from baler.aws.attempts import attempt
from baler.store_errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

KEYS_AT_ONCE: Final = 100
"""BatchGetItem takes no more; nor does it answer with more than 16 MB."""

_READS_MAX: Final = 8


def read_items(  # noqa: PLR0913 - what a read is made of
    client: Any,
    table: str,
    keys: Iterable[Mapping[str, Any]],
    asked: Mapping[str, Any],
    *,
    deadline: float,
    first_wait_seconds: float,
    sleep: Callable[[float], object],
) -> list[dict[str, Any]]:
    """Return the items that are there; what DynamoDB leaves for later is asked for again, after ever longer waits.

    Args:
        client: boto3's, or `baler.aws.http`'s.
        table: its name.
        keys: `KEYS_AT_ONCE` at most, each once.
        asked: what is asked of each of them, as BatchGetItem has it: attributes, and how consistent.
        deadline: when it must be over, seconds since the epoch; nothing is waited for beyond it.
        first_wait_seconds: before what is left is asked for again; doubled each time.
        sleep: waits so many seconds.

    Raises:
        Refused: DynamoDB leaves some for later, time and again, or no time is left. Whether these are there is unknown.
        Unavailable: it did not answer.
    """
    left = list(keys)
    found: list[dict[str, Any]] = []
    for number in range(_READS_MAX):
        request = {table: {"Keys": left, **asked}}
        answer = attempt("read records", lambda r=request: client.batch_get_item(RequestItems=r), deadline)
        found += answer.get("Responses", {}).get(table, [])
        left = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
        if not left:
            return found
        wait = first_wait_seconds * 2**number
        if number + 1 == _READS_MAX or time.time() + wait >= deadline:
            break
        sleep(wait)
    raise Refused("read records: DynamoDB leaves some for later", "UnprocessedKeys")
