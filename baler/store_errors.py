"""How a call to a store fails, as far as logic must know: whether it may have taken effect."""

from __future__ import annotations


class Unavailable(Exception):  # noqa: N818 - the name says what the other side is
    """A call to a store failed; whether it took effect is unknown."""


class Refused(Unavailable):
    """A call to a store is known not to have taken effect: each of its attempts was refused or never left us.

    Attributes:
        reason: the store's own word for it, for example "ThrottlingException" or "AccessDenied".
    """

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason
