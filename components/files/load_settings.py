"""The load that is expected, and whether what the stack declares takes it.

It is checked last, when all that has to take it is known. What is refused cannot work; what works may still be slow or
dear, which `python -m benchmarks.model` and `baler cost` say.
"""

import math
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from baler.aws.event_source import MOST_IN_FLIGHT
from components.files import capacity, timing
from components.settings.model import PipelineSettings
from components.settings.types import refusal


class LoadSettings(PipelineSettings):
    """How much comes, and what counts as late or silent."""

    expected_per_second: Annotated[int, Field(ge=1, le=10_000)] = 10
    """Files per second that are normal: an hour's worth that waits, or 10 times as many for 5 minutes, is alarming.

    Above 3,200 the claim table is warmed for them, which is paid once and cannot be lowered again. Above about 300
    reconciliation takes more than a day with 7 days of landing retention, and above 600 its alarm stays on.
    """

    mailbox_wait_seconds: Annotated[int, Field(ge=10, le=86_400)] = 900
    """Longest that a bundle may wait in the mailbox, in seconds, before whoever takes it counts as down."""

    silence_minutes: Annotated[int, Field(ge=0, le=1440)] = 0
    """Minutes without a file after which the external party counts as silent. 0 takes any silence for granted."""

    @field_validator("expected_per_second")
    @classmethod
    def _queues_have_room_for_an_outage(cls, value: int, info: ValidationInfo) -> int:
        lanes = _lanes(info)
        hidden_seconds = _visibility_timeout(info)
        if hidden_seconds is None or value <= (
            most := capacity.most_per_second(lanes=lanes, visibility_timeout=hidden_seconds)
        ):
            return value
        needed = capacity.least_lanes(files_per_second=value, visibility_timeout=hidden_seconds)
        remedy = (
            f"name {needed} in baler:filesLandingPrefixes"
            if needed <= capacity.MOST_LANES
            else f"shorten baler:filesFunctionTimeoutSeconds; {needed} queues are more than the "
            f"{capacity.MOST_LANES} that there can be"
        )
        raise refusal(
            f"it must be at most {most} with {_queues(lanes)}: a function that dies leaves what it received hidden for "
            f"{hidden_seconds} seconds, and SQS gives out nothing more of a queue with {MOST_IN_FLIGHT:,} messages in "
            f"flight, good ones neither. For this rate {remedy}",
            most,
        )

    @field_validator("expected_per_second")
    @classmethod
    def _functions_take_it(cls, value: int, info: ValidationInfo) -> int:
        concurrency, batch, memory = (
            info.data.get(name) for name in ("maximum_concurrency", "batch_size", "function_memory_megabytes")
        )
        if concurrency is None or batch is None or memory is None:
            return value
        lanes = _lanes(info)
        one = capacity.files_per_second_of_a_function(batch_size=batch, memory_megabytes=memory)
        if value > (most := int(one * concurrency * lanes)):
            raise refusal(
                f"it must be at most {most} with baler:filesMaximumConcurrency {concurrency} and {_queues(lanes)}: a "
                f"function takes about {one:.0f} files a second, and the queue would grow for ever. For this rate set "
                f"baler:filesMaximumConcurrency to {math.ceil(value / one / lanes)} or more",
                most,
            )
        return value

    @field_validator("expected_per_second")
    @classmethod
    def _the_mailbox_takes_it(cls, value: int, info: ValidationInfo) -> int:
        batch = info.data.get("batch_size")
        if batch is None:
            return value
        if capacity.writes_of_the_mailbox(files_per_second=value, batch_size=batch) > capacity.WRITES_OF_A_PREFIX:
            least = capacity.least_batch_size(files_per_second=value)
            raise refusal(
                f"it must be less with baler:filesBatchSize {batch}: each bundle is put into the mailbox and deleted "
                f"from it, and S3 takes {capacity.WRITES_OF_A_PREFIX:,} of both a second below a prefix. For this rate "
                f"set baler:filesBatchSize to {least} or more",
                capacity.WRITES_OF_A_PREFIX * batch // 2,
            )
        return value


def _lanes(info: ValidationInfo) -> int:
    return max(1, len(info.data.get("landing_prefixes", ())))


def _queues(lanes: int) -> str:
    return "one queue" if lanes == 1 else f"{lanes} queues"


def _visibility_timeout(info: ValidationInfo) -> int | None:
    """Return what the stack's queues have, in seconds; None where a setting that it follows from is refused."""
    timeout, window = info.data.get("function_timeout_seconds"), info.data.get("batching_window_seconds")
    if timeout is None or window is None:
        return None
    return timing.visibility_timeout_seconds(function_timeout=timeout, batching_window=window)
