"""Waits until a new resource can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from sandbox.engine.errors import CreationError

if TYPE_CHECKING:
    from collections.abc import Callable

_DEADLINE_SECONDS: Final = 60.0
_INTERVAL_SECONDS: Final = 0.1


def wait_for_state(what: str, wanted: str, read: Callable[[], str], *, deadline: float = _DEADLINE_SECONDS) -> None:
    """Poll until the resource is in the wanted state.

    Args:
        what: The resource, for the error.
        wanted: The state to wait for.
        read: Reads the state that it is in.
        deadline: Seconds to wait at most.

    Raises:
        CreationError: It was in another state at the deadline.
    """
    poll = Retrying(
        retry=retry_if_result(lambda state: state != wanted),
        stop=stop_after_delay(deadline),
        wait=wait_fixed(_INTERVAL_SECONDS),
    )
    try:
        poll(read)
    except RetryError as error:
        state = error.last_attempt.result()
        raise CreationError(f"{what} is {state} after {deadline:g} s and should be {wanted}.") from error
