"""Which life of a stream this is: when it was made, which tells it from one that had its name before."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, Final, Protocol

from baler.aws.attempts import attempt
from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

FRESH_SECONDS: Final = 60.0
"""For so long an answer is taken for true. To replace a stream and its mapping takes longer."""

_ATTEMPTS: Final = 3


class Kinesis(Protocol):
    """What is called of boto3's client."""

    def describe_stream_summary(self, *, StreamARN: str) -> Any:  # noqa: N803 - boto3's word
        """Describe a stream."""
        ...

    def close(self) -> None:
        """Close its connections."""
        ...


class StreamLife:
    """The life of a stream, as one execution environment knows it.

    It is asked for again now and then, since an environment may outlive the stream whose records it was given first.

    Args:
        client: of Kinesis.
        stream: ARN.
        clock: the time, seconds since the epoch.
    """

    def __init__(self, client: Kinesis, stream: str, clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._stream = stream
        self._clock = clock
        self._created_at: int | None = None
        self._asked_at = -math.inf

    def created_at(self, deadline: float) -> int:
        """Return when the stream was made, whole seconds since the epoch.

        Where Kinesis does not answer, what it said before stands: an outage of this call alone must stop no shard.

        Raises:
            Unavailable: it is not known.
        """
        now = self._clock()
        if self._created_at is None or now - self._asked_at >= FRESH_SECONDS:
            try:
                self._created_at = attempt("describe the stream", self._ask, deadline, _ATTEMPTS)
            except Unavailable:
                if self._created_at is None:
                    raise
            # After a failure too: an outage must not cost each batch its time.
            self._asked_at = now
        return self._created_at

    def _ask(self) -> int:
        answer = self._client.describe_stream_summary(StreamARN=self._stream)
        return int(answer["StreamDescriptionSummary"]["StreamCreationTimestamp"].timestamp())
