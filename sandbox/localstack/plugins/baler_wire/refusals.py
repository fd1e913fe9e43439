"""How each service refuses who asks too much, or fails.

Codes and statuses are those of the services' API references ("Common Errors", and the errors of their operations);
S3's are in https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Refusal:
    """An error of a service.

    Attributes:
        code: by which programs know it.
        message: for people.
        status: of HTTP.
    """

    code: str
    message: str
    status: int

    @property
    def is_services_fault(self) -> bool:
        """Whether the service failed, and not who asked."""
        return self.status >= 500  # noqa: PLR2004 - HTTP's own boundary


_RATE: Final = "Rate exceeded"
_THROTTLED: Final = {
    "apigatewayv2": Refusal("TooManyRequestsException", "Too Many Requests", 429),
    "cloudwatch": Refusal("Throttling", _RATE, 400),
    # Of a table that is paid by the request; one with a provisioned throughput says ProvisionedThroughputExceeded.
    "dynamodb": Refusal("ThrottlingException", "Throughput exceeds the current capacity of your table or index.", 400),
    "iam": Refusal("Throttling", _RATE, 400),
    "kinesis": Refusal("ProvisionedThroughputExceededException", "Rate exceeded for shard in stream.", 400),
    "lambda": Refusal("TooManyRequestsException", "Rate Exceeded.", 429),
    "s3": Refusal("SlowDown", "Please reduce your request rate.", 503),
    "sns": Refusal("Throttled", _RATE, 429),
    "sqs": Refusal("RequestThrottled", "Request is throttled.", 400),
    "sts": Refusal("Throttling", _RATE, 400),
    "xray": Refusal("ThrottledException", _RATE, 429),
}
_OTHERS_THROTTLED: Final = Refusal("ThrottlingException", _RATE, 400)

_INTERNAL: Final = "We encountered an internal error. Please try again."
_UNKNOWN: Final = "The request processing has failed because of an unknown error."
_FAILED: Final = {
    "dynamodb": Refusal("InternalServerError", _UNKNOWN, 500),
    "lambda": Refusal("ServiceException", "The Lambda service encountered an internal error.", 500),
    "s3": Refusal("InternalError", _INTERNAL, 500),
    "sns": Refusal("InternalError", _INTERNAL, 500),
}
_OTHERS_FAILED: Final = Refusal("InternalFailure", _UNKNOWN, 500)

CONFLICT: Final = Refusal(
    "ConditionalRequestConflict",
    "The conditional request cannot succeed due to a conflicting operation against this resource.",
    409,
)
"""What S3 says to a conditional write during another one (API reference, PutObject, `If-None-Match`)."""


def throttled(service: str) -> Refusal:
    """Return what a service says to one who asks too much: the request had no effect."""
    return _THROTTLED.get(service, _OTHERS_THROTTLED)


def failed(service: str) -> Refusal:
    """Return what a service says that fails: the request may have had its effect."""
    return _FAILED.get(service, _OTHERS_FAILED)
