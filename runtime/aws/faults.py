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


@contextmanager
def unavailable(what: str) -> Generator[None]:
    """Raise Unavailable for every fault that may pass, and leave it open whether the call took effect.

    Anything else (access denied, no such bucket or table, a request that is wrong) stays what it is: the invocation
    fails with it, the messages stay in the queue, and the function's error metric tells somebody.
    """
    try:
        yield
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or code_of(error) in _PASSING:
            raise Unavailable(f"{what}: {code_of(error)}") from error
        raise
    except BotoCoreError as error:
        raise Unavailable(f"{what}: {type(error).__name__}") from error
