"""Asks AWS how a stack's event stream is: each part by itself, all at the same time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from baler.cli.aws_session import aws_session
from baler.commands.status.alarms import alarms_of
from baler.commands.status.answer import CLIENT, asked
from baler.commands.status.events.health import EventStatus, StreamState
from baler.commands.status.events.metrics import EventMetrics
from baler.commands.status.queue_depths import QueueDepths

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class EventStack:
    """The names of the event stream's parts: the stack's outputs of the same names.

    Attributes:
        others: what names of alarms begin with that are shown elsewhere; none where this is all that is shown.
    """

    name: str
    stream: str
    transform_queue_url: str
    compaction_queue_url: str
    others: tuple[str, ...] = ()


class EventInspector:
    """Looks at one stack's event stream, as often as wanted.

    Args:
        stack: which.
        sqs, kinesis, functions, cloudwatch: boto3's clients; that of Lambda is `functions`.
        clock: returns the time.
    """

    def __init__(  # noqa: PLR0913 - a client of each service
        self,
        stack: EventStack,
        *,
        sqs: SQSClient,
        kinesis: Any,
        functions: Any,
        cloudwatch: Any,
        clock: Callable[[], datetime],
    ) -> None:
        self._stack = stack
        self._depths = QueueDepths(sqs)
        self._kinesis = kinesis
        self._functions = functions
        self._cloudwatch = cloudwatch
        self._metrics = EventMetrics(cloudwatch, stack.name, stack.stream)
        self._clock = clock

    @classmethod
    def open(cls, stack: EventStack) -> EventInspector:
        """Make the clients; endpoint, region and credentials are boto3's own settings.

        Raises:
            BotoCoreError, ValueError: those are not usable.
        """
        # A service whose stubs are not installed makes client() return nothing that is known.
        session = cast("Any", aws_session())
        sqs, kinesis, functions, cloudwatch = (
            session.client(service, config=CLIENT) for service in ("sqs", "kinesis", "lambda", "cloudwatch")
        )
        return cls(
            stack,
            sqs=sqs,
            kinesis=kinesis,
            functions=functions,
            cloudwatch=cloudwatch,
            clock=lambda: datetime.now(UTC),
        )

    def inspect(self) -> EventStatus:
        """Ask for everything."""
        now, stack = self._clock(), self._stack
        stream = asked(self._stream)
        transform = asked(lambda: self._depths.of(stack.transform_queue_url))
        transform_dead = asked(lambda: self._depths.given_up_by(stack.transform_queue_url))
        compaction = asked(lambda: self._depths.of(stack.compaction_queue_url))
        compaction_dead = asked(lambda: self._depths.given_up_by(stack.compaction_queue_url))
        measured = asked(lambda: self._metrics.measured(now))
        last_hour = asked(lambda: self._metrics.last_hour(now))
        alarms = asked(lambda: alarms_of(self._cloudwatch, stack.name, but=stack.others))
        return EventStatus(
            stack=stack.name,
            at=now,
            stream=stream.result(),
            transform=transform.result(),
            transform_dead_letters=transform_dead.result(),
            compaction=compaction.result(),
            compaction_dead_letters=compaction_dead.result(),
            measured=measured.result(),
            last_hour=last_hour.result(),
            alarms=alarms.result(),
        )

    def _stream(self) -> StreamState:
        found = self._kinesis.describe_stream_summary(StreamName=self._stack.stream)["StreamDescriptionSummary"]
        pages = self._functions.get_paginator("list_event_source_mappings").paginate(EventSourceArn=found["StreamARN"])
        states = [mapping["State"] for page in pages for mapping in page["EventSourceMappings"]]
        return StreamState(
            status=found["StreamStatus"],
            open_shards=found["OpenShardCount"],
            retention_hours=found["RetentionPeriodHours"],
            mapping=states[0] if states else None,
        )
