"""What may stop or slow down the event stream, and what it does to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class StreamCause:
    """Something that is wrong from a moment on.

    Attributes:
        name: what a reader sees.
        minutes: within how many somebody must be paged, from the moment on; None where nobody need be.
        watch_minutes: for so long alarms are looked for that page nobody.
        reads: whether Lambda reads the stream.
        shards: how many of the two shards the next four concern.
        crashes, throttled, unavailable: what becomes of each run of the processor.
        rejected: the share of records that can never be events.
        run_seconds: how long each run of the processor takes.
        refused: the share of records that Kinesis refuses to producers.
        announces_raw: whether the raw bucket's events get into the queue.
        transforms, compacts: whether Lambda reads these queues.
        transformer_crashes, transformer_unavailable, compactor_crashes: what becomes of each of their runs.
        foreign: of so many raw objects one is not what a processor wrote; 0 is none.
    """

    name: str
    minutes: int | None = 10
    watch_minutes: int = 8
    reads: bool = True
    shards: int = 2
    crashes: bool = False
    throttled: bool = False
    unavailable: bool = False
    rejected: float = 0.0
    run_seconds: float = 0.5
    refused: float = 0.0
    announces_raw: bool = True
    transforms: bool = True
    compacts: bool = True
    transformer_crashes: bool = False
    transformer_unavailable: bool = False
    compactor_crashes: bool = False
    foreign: int = 0


ALL_IS_WELL: Final = StreamCause(name="nothing", minutes=None)

# A run that is killed at its timeout (components/events/processor_settings.py).
_KILLED: Final = 60.0

CAUSES_OF_STREAM: Final = (
    StreamCause(name="processor crashes", crashes=True),
    StreamCause(name="processor killed at its timeout", crashes=True, run_seconds=_KILLED),
    StreamCause(name="processor throttled", throttled=True),
    StreamCause(name="Lambda does not read the stream: mapping disabled, or its key", reads=False),
    StreamCause(name="frontiers cannot be read, or raw objects not be put", minutes=5, unavailable=True),
    StreamCause(name="batches of one shard of two fail", minutes=5, unavailable=True, shards=1),
    # Halving takes minutes to find a record that kills, and ends it; only what goes on pages.
    StreamCause(name="processor crashes at one shard of two, and goes on to", minutes=25, crashes=True, shards=1),
    StreamCause(name="no record can be an event", minutes=None, rejected=1.0),
    StreamCause(name="Kinesis refuses half of what producers send", minutes=None, refused=0.5),
    StreamCause(name="transformer crashes", transformer_crashes=True),
    StreamCause(
        name="raw objects cannot be read, or processed ones not be put", minutes=7, transformer_unavailable=True
    ),
    StreamCause(name="Lambda does not read the transform queue", transforms=False),
    StreamCause(name="raw bucket's notification replaced, or the queue's policy gone", announces_raw=False),
    StreamCause(name="one raw object in twenty is not ours", minutes=None, foreign=20),
    StreamCause(name="compactor crashes", minutes=None, watch_minutes=20, compactor_crashes=True),
    StreamCause(name="Lambda does not read the compaction queue", minutes=None, watch_minutes=20, compacts=False),
)
"""Everything of the event stream that must not go unnoticed: rows of docs/alarms.md."""
