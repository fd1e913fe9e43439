"""What becomes of what is on its way, and of functions and items while nobody looks: parts of a profile.

Nothing of it by default. Shares are 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass

from baler_wire.latency import Latency, ProfileError


@dataclass(frozen=True)
class Events:
    """Those of a bucket.

    Attributes:
        delay: from the object to its event; those of a bucket come in the order in which their delays are over.
        twice: the share that comes a second time, after a delay of its own.
    """

    delay: Latency | None = None
    twice: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no share."""
        _check_shares("events", twice=self.twice)


@dataclass(frozen=True)
class Messages:
    """Those of a standard queue.

    Attributes:
        early: the share of receptions after which the message is received again before its visibility timeout ends.
        undeleted: the share of deletions after which it is received again.
    """

    early: float = 0.0
    undeleted: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no share."""
        _check_shares("messages", early=self.early, undeleted=self.undeleted)


@dataclass(frozen=True)
class Invocations:
    """Asynchronous ones.

    Attributes:
        delay: until the function is invoked for the first time.
        twice: the share that comes a second time, after a delay of its own.
    """

    delay: Latency | None = None
    twice: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no share."""
        _check_shares("invocations", twice=self.twice)


@dataclass(frozen=True)
class Functions:
    """Their execution environments, which are frozen between two invocations.

    Attributes:
        connections_die: the share of thaws that find all connections to AWS dead, without a word.
        clock_seconds: a clock is wrong by at most so many, and by the same as long as the environment is there.
    """

    connections_die: float = 0.0
    clock_seconds: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no share, and a negative time."""
        _check_shares("functions", connections_die=self.connections_die)
        if self.clock_seconds < 0:
            raise ProfileError("functions: clock_seconds is 0 or more")


@dataclass(frozen=True)
class Items:
    """Those of a table whose time is over.

    Attributes:
        expire: the share that is deleted within a second; the others are there until nobody looks any more.
    """

    expire: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no share."""
        _check_shares("items", expire=self.expire)


def _check_shares(what: str, **shares: float) -> None:
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise ProfileError(f"{what}: {name} is a share, 0 to 1")
