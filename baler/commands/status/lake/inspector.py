"""Asks AWS how a stack's lake is: each part by itself, all at the same time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from baler.cli.aws_session import aws_session
from baler.commands.status.alarms import alarms_of
from baler.commands.status.answer import CLIENT, asked
from baler.commands.status.lake.health import LakeStatus
from baler.commands.status.lake.metrics import LakeMetrics
from baler.commands.status.queue_depths import QueueDepths
from baler.lake.aws.source_table import source_readings

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class LakeStack:
    """The names of the lake's parts: the stack's outputs of the same names.

    Attributes:
        others: what names of alarms begin with that are shown elsewhere; none where this is all that is shown.
    """

    name: str
    curation_queue_url: str
    sources_table: str
    others: tuple[str, ...] = ()


class LakeInspector:
    """Looks at one stack's lake, as often as wanted.

    Args:
        stack: which.
        sqs, dynamodb, cloudwatch: boto3's clients.
        clock: returns the time.
    """

    def __init__(
        self, stack: LakeStack, sqs: SQSClient, dynamodb: DynamoDBClient, cloudwatch: Any, clock: Callable[[], datetime]
    ) -> None:
        self._stack = stack
        self._depths = QueueDepths(sqs)
        self._dynamodb = dynamodb
        self._cloudwatch = cloudwatch
        self._metrics = LakeMetrics(cloudwatch, stack.name)
        self._clock = clock

    @classmethod
    def open(cls, stack: LakeStack) -> LakeInspector:
        """Make the clients; endpoint, region and credentials are boto3's own settings.

        Raises:
            BotoCoreError, ValueError: those are not usable.
        """
        # A service whose stubs are not installed makes client() return nothing that is known.
        session = cast("Any", aws_session())
        sqs, dynamodb, cloudwatch = (
            session.client(service, config=CLIENT) for service in ("sqs", "dynamodb", "cloudwatch")
        )
        return cls(stack, sqs, dynamodb, cloudwatch, lambda: datetime.now(UTC))

    def inspect(self) -> LakeStatus:
        """Ask for everything."""
        now, stack = self._clock(), self._stack
        sources = asked(lambda: tuple(source_readings(self._dynamodb, stack.sources_table).values()))
        queue = asked(lambda: self._depths.of(stack.curation_queue_url))
        dead_letters = asked(lambda: self._depths.given_up_by(stack.curation_queue_url))
        left_age = asked(lambda: self._metrics.left_age(now))
        last_hour = asked(lambda: self._metrics.last_hour(now))
        alarms = asked(lambda: alarms_of(self._cloudwatch, stack.name, but=stack.others))
        return LakeStatus(
            stack=stack.name,
            at=now,
            sources=sources.result(),
            queue=queue.result(),
            dead_letters=dead_letters.result(),
            left_age=left_age.result(),
            last_hour=last_hour.result(),
            alarms=alarms.result(),
        )
