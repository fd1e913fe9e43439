"""The kinds of values that settings of the alarms have."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator

from components.settings.types import each_once, refusal

SUBSCRIBER_EXAMPLE: Final = "<e-mail address>"

_EMAIL: Final = re.compile(r"[^\s@:/]+@[^\s@:/]+\.[^\s@:/]+")
_HTTPS: Final = re.compile(r"https://[^\s/@]+(/\S*)?")
_QUEUE: Final = re.compile(r"arn:aws(-[a-z]+)*:sqs:[a-z0-9-]+:\d{12}:[\w-]{1,80}", re.ASCII)

_PROTOCOLS: Final = (("email", _EMAIL), ("https", _HTTPS), ("sqs", _QUEUE))


def protocol(subscriber: str) -> str | None:
    """Return the protocol by which SNS reaches a subscriber, as its address shows; None where it is no address."""
    return next((name for name, form in _PROTOCOLS if form.fullmatch(subscriber)), None)


def _subscriber(value: str) -> str:
    if protocol(value) is None:
        raise refusal(
            "it must be an e-mail address, an https:// address without a password, or the ARN of an SQS queue",
            SUBSCRIBER_EXAMPLE,
        )
    return value


Subscribers = Annotated[tuple[Annotated[str, AfterValidator(_subscriber)], ...], AfterValidator(each_once)]
"""E-mail addresses, HTTPS addresses and standard SQS queues that a topic may send to, none twice."""
