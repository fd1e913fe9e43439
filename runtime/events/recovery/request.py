"""What the function is asked for: by `baler events redrive` and `replay`, or by anyone who may invoke it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from baler.events.recovery.pseudo_shard import RecoveryKind, RecoveryRun

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

RUN_LASTS: Final = timedelta(hours=6)
"""So old a run may be. Its objects are announced for a day, so those of a try that died are still waited for."""
_MOST_RECORDS: Final = 10_000
_SECONDS_MAX: Final = 240.0


class BadRequestError(ValueError):
    """The function does not take it; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class RunTerms:
    """What both kinds of requests have.

    Attributes:
        run: whose try this is.
        at_most: records in a batch, at least 1.
        seconds: how long the function may work.
        dry_run: only say what would be done.
        life: creation time of the stream's life that the records are of, whole seconds since the epoch; None for the
            present one.
    """

    run: RecoveryRun
    at_most: int
    seconds: float
    dry_run: bool
    life: int | None


@dataclass(frozen=True, slots=True)
class RedriveRequest:
    """Take the records of an object of the destination on failure; `key` is its own."""

    terms: RunTerms
    key: str


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """Take the records of a shard from the stream.

    Attributes:
        terms: see there.
        shard_id: of which shard.
        start: since when they arrived, seconds since the epoch.
        end: before which.
        after: sequence number behind which to go on; "" to begin at `start`.
        put_back: whether raw objects that are gone are put back too.
    """

    terms: RunTerms
    shard_id: str
    start: float
    end: float
    after: str
    put_back: bool


def recovery_request(document: Mapping[str, Any], now: datetime) -> RedriveRequest | ReplayRequest:
    """Read a request.

    Raises:
        BadRequestError: it is none, or its run is too old.
    """
    try:
        terms = _terms(document)
        if terms.run.kind is RecoveryKind.REDRIVE:
            request = RedriveRequest(terms, str(document["key"]))
        else:
            times = float(document["start"]), float(document["end"])
            shard_id, after, put_back = str(document["shard_id"]), str(document["after"]), bool(document["put_back"])
            request = ReplayRequest(terms, shard_id, *times, after, put_back)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BadRequestError(f"this is no request of a redrive or replay ({type(error).__name__})") from error
    if not timedelta(hours=-1) < now - terms.run.began < RUN_LASTS:
        hours = RUN_LASTS.total_seconds() / 3600
        raise BadRequestError(f"the run {terms.run} is more than {hours:.0f} hours old: begin a new one")
    return request


def _terms(document: Mapping[str, Any]) -> RunTerms:
    at_most, seconds = int(document["at_most"]), float(document["seconds"])
    if not (1 <= at_most <= _MOST_RECORDS and 1 <= seconds <= _SECONDS_MAX):
        raise ValueError("a number is out of range")
    life = document["life"]
    return RunTerms(
        run=RecoveryRun.parse(document["run"]),
        at_most=at_most,
        seconds=seconds,
        dry_run=bool(document["dry_run"]),
        life=None if life is None else int(life),
    )
