"""What a receiver's answer means for the bundle that was sent, and for those that wait."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Meaning(StrEnum):
    """What follows from an answer, or from there being none."""

    ACCEPTED = "accepted"
    """The receiver has the bundle: 2xx, or a store that holds it with the same hash."""

    REFUSED = "refused"
    """It does not want this bundle: 400, 409, 411, 413, 422, 431; it may want others."""

    BUSY = "busy"
    """It wants none now: 408, 429, 503."""

    UNREACHABLE = "unreachable"
    """No answer, or another of 5xx. Whether the bundle arrived is unknown."""

    MISPLACED = "misplaced"
    """It does not take bundles there at all: 3xx, 404, 405, 415, a bucket that does not exist."""

    UNAUTHORIZED = "unauthorized"
    """It does not take them from us: 401, 403, a refused client certificate, credentials that cannot be used."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one attempt.

    Attributes:
        meaning: what follows from it.
        reason: a word for people, logs and metrics: "422", "timeout", "client-credentials-unusable". Never anything
            that the receiver wrote.
        status: of HTTP; None where there was none.
        retry_after_seconds: the pause that the receiver asked for, 0 where it asked for none; never negative.
    """

    meaning: Meaning
    reason: str
    status: int | None = None
    retry_after_seconds: float = 0.0
