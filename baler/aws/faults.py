"""What the failure of a call to AWS means: whether the same call may go well later, and whether it took effect.

The lists of codes and statuses are botocore's own (`botocore/retries/standard.py`, `botocore/data/_retry.json` and the
`retryable` errors of its service models), typed here because botocore keeps them private; a test compares them. What
is ours beside them says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import (
    BotoCoreError,
    ChecksumError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    ProxyConnectionError,
    SSLError,
)
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from baler.aws.http.connections import OversizedHeaderError
from baler.aws.http.tls import is_refused

if TYPE_CHECKING:
    from collections.abc import Mapping

# All that a call by botocore's clients or those in `http` can fail with: urllib3's are among them because botocore's
# body of an object (StreamingBody) does not translate all of them.
FAILURES: Final = (ClientError, BotoCoreError, ResponseParserError, HTTPError)

# Refused before anything was done, because there is too much to do.
THROTTLED_CODES: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
        # S3 puts the code of a request that KMS throttled behind "KMS."; see _code.
    }
)
# Refused for another reason that passes.
TRANSIENT_CODES: Final = frozenset(
    {
        "BadDigest",
        "IDPCommunicationError",
        "ReplicatedWriteConflictException",
        "RequestTimeout",
        "RequestTimeoutException",
        # Ours: "retry the upload", says S3 of a conditional put that met another one.
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        "ConditionalRequestConflict",
        "OperationAborted",
        # The bytes were changed on the way, as with BadDigest.
        "XAmzContentChecksumMismatch",
        "XAmzContentSHA256Mismatch",
        # After a thaw the clock of an environment may be late for a moment.
        "RequestTimeTooSkewed",
        # A write of DynamoDB that met a transaction: cancelled, and to be tried again.
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
        "TransactionConflictException",
    }
)
TRANSIENT_STATUSES: Final = frozenset({429, 500, 502, 503, 504, 509})

_NOT_SENT: Final = (ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError)
_BROKEN: Final = (
    ChecksumError,
    FlexibleChecksumError,
    HTTPClientError,
    HTTPError,
    IncompleteReadError,
    ResponseParserError,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What a failed attempt at a call means.

    Attributes:
        reason: AWS's error code, or the name of the error where AWS did not answer.
        passes: the same call may go well later.
        may_have_taken_effect: it is not known that nothing was done.
        retry_after_seconds: the wait that the answer asks for, or 0.
    """

    reason: str
    passes: bool
    may_have_taken_effect: bool
    retry_after_seconds: float = 0.0


def code_of(error: ClientError) -> str:
    """Return AWS's error code, or the HTTP status where the answer had no body (as to a HEAD)."""
    return error.response.get("Error", {}).get("Code", "")


def fault_of(error: Exception) -> Fault:
    """Say what a failure (one of FAILURES) means.

    Whatever is none of the network and no answer was found wrong before anything was sent: the arguments, the
    credentials, the region, the endpoint. It stays wrong.
    """
    if isinstance(error, ClientError):
        return _refusal(error)
    name = type(error).__name__
    if isinstance(error, SSLError):
        return Fault(name, passes=not is_refused(error), may_have_taken_effect=False)
    if isinstance(error, _NOT_SENT):
        return Fault(name, passes=True, may_have_taken_effect=False)
    if isinstance(error, _BROKEN):
        return Fault(name, passes=not isinstance(error, OversizedHeaderError), may_have_taken_effect=True)
    return Fault(name, passes=False, may_have_taken_effect=False)


def _refusal(error: ClientError) -> Fault:
    metadata: Mapping[str, Any] = error.response.get("ResponseMetadata", {})
    status = metadata.get("HTTPStatusCode", 0)
    code = code_of(error)
    throttled = code.removeprefix("KMS.") in THROTTLED_CODES or status == HTTPStatus.TOO_MANY_REQUESTS
    refused = throttled or HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return Fault(
        reason=code or str(status),
        passes=throttled or code in TRANSIENT_CODES or status in TRANSIENT_STATUSES,
        # What an earlier attempt within the same call did is unknown.
        may_have_taken_effect=not refused or metadata.get("RetryAttempts", 0) > 0,
        retry_after_seconds=_retry_after(metadata.get("HTTPHeaders", {})),
    )


def _retry_after(headers: Mapping[str, str]) -> float:
    """Read both headers of that kind: HTTP's in seconds (its other form, a date, is none of AWS's) and AWS's own."""
    for name, unit in (("x-amz-retry-after", 1000), ("retry-after", 1)):
        value = headers.get(name, "")
        if value.isascii() and value.isdigit():
            return int(value) / unit
    return 0.0
