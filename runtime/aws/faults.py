"""Which AWS errors mean that a store is unavailable, and which are a mistake that must be seen."""

from __future__ import annotations

from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from runtime.claims.ports import Unavailable

if TYPE_CHECKING:
    from collections.abc import Generator

# Error codes below 500 that go away by themselves, after botocore's own retries.
_PASSING: Final = frozenset(
    {
        "ConditionalRequestConflict",
        "InternalError",
        "OperationAborted",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "RequestTimeTooSkewed",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TransactionConflictException",
    }
)


def code_of(error: ClientError) -> str:
    """Return AWS's error code, or the HTTP status where the answer had no body (as to a HEAD)."""
    return error.response.get("Error", {}).get("Code", "")


def may_pass(error: ClientError | BotoCoreError) -> bool:
    """Tell whether the same call may go well another time; no answer at all counts as such a fault."""
    if isinstance(error, BotoCoreError):
        return True
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or code_of(error) in _PASSING


@contextmanager
def unavailable(what: str) -> Generator[None]:
    """Raise Unavailable for every fault that may pass, and leave it open whether the call took effect.

    Anything else (access denied, no such bucket or table, a request that is wrong) stays what it is: the invocation
    fails with it, the messages stay in the queue, and the function's error metric tells somebody.
    """
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        if not may_pass(error):
            raise
        told = code_of(error) if isinstance(error, ClientError) else type(error).__name__
        raise Unavailable(f"{what}: {told}") from error
