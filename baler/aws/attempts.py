"""Makes calls to AWS until they go well or time is up, and says what is known of those that did not."""

from __future__ import annotations

import itertools
import random
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from baler.aws.faults import FAILURES, fault_of
from baler.store_errors import Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from baler.aws.faults import CallFault

ATTEMPTS: Final = 4
# The wait before the second attempt is random, up to this; that before each further one up to twice as long.
# "Full jitter": https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
_BACKOFF_SECONDS: Final = 0.1
# A service that asks for a longer wait is not waited for.
_WAIT_MAX_SECONDS: Final = 10.0

Answer = TypeVar("Answer")


def attempt(what: str, call: Callable[[], Answer], deadline: float, most: int = ATTEMPTS) -> Answer:
    """Call, again while the fault may pass and the wait ends before the deadline; return the answer.

    Args:
        what: of the call, for the message of an error.
        call: makes it once. What it must do with errors that are answers (a condition that failed) it does itself;
            it is called from the start for each attempt.
        deadline: seconds since the epoch.
        most: attempts.

    Raises:
        Refused: no attempt took effect.
        Unavailable: one of them may have, or did and its answer was lost.
    """
    uncertain = False
    for number in itertools.count():
        try:
            return call()
        except FAILURES as error:
            fault = fault_of(error)
            uncertain = uncertain or fault.may_have_taken_effect
            wait = _wait(number, fault)
            is_last = number == most - 1 or wait > _WAIT_MAX_SECONDS or time.time() + wait >= deadline
            if is_last or not fault.passes:
                message = f"{what}: {fault.reason}"
                raise Unavailable(message) if uncertain else Refused(message, fault.reason) from error
        time.sleep(wait)
    raise AssertionError  # counting has no end


@contextmanager
def unavailable(what: str) -> Generator[None]:
    """Raise Unavailable for a fault that may pass, of a client of boto3 that has tried again itself.

    Any other failure (access denied, no such bucket or table) stays what it is and fails the invocation.
    """
    try:
        yield
    except FAILURES as error:
        fault = fault_of(error)
        if not fault.passes:
            raise
        raise Unavailable(f"{what}: {fault.reason}") from error


def _wait(number: int, fault: CallFault) -> float:
    """Return the seconds before the next attempt: what AWS asks for, or more."""
    return max(fault.retry_after_seconds, random.random() * _BACKOFF_SECONDS * 2**number)  # noqa: S311 - spreads retries
