"""Asks AWS one thing, beside others, so that what it refuses or is slow to answer hides nothing else."""

from __future__ import annotations

from concurrent.futures import Future
from threading import Thread
from typing import TYPE_CHECKING, Final, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from baler.aws.faults import code_of
from baler.cli.aws_session import CHECK_SETTINGS
from baler.cli.s3 import BROKEN, S3Error
from baler.commands.status.health import Unanswered
from baler.store_errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

CLIENT: Final = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2})
"""Of all clients here: somebody waits for the screen, and a service that does not answer soon is shown as such."""

# How the services that are asked say it; SQS also with its own prefix.
_REFUSALS: Final = ("AccessDenied", "AuthorizationError", "UnauthorizedOperation")


def _answered(ask: Callable[[], T]) -> T | Unanswered:
    """Return what `ask` returns, or in a sentence why AWS did not answer."""
    try:
        return ask()
    except ClientError as error:
        code = code_of(error)
        if any(refusal in code for refusal in _REFUSALS):
            return Unanswered(f"not allowed: your role may not {error.operation_name}")
        return Unanswered(f"{error}")
    except (S3Error, Refused) as error:
        return Unanswered(str(error))
    except (BotoCoreError, *BROKEN) as error:
        return Unanswered(f"{error}: {CHECK_SETTINGS}")


def asked(ask: Callable[[], T]) -> Future[T | Unanswered]:
    """Ask on a thread of its own. It ends with the process: Ctrl-C does not wait for a service that is silent."""
    answer: Future[T | Unanswered] = Future()

    def run() -> None:
        try:
            answer.set_result(_answered(ask))
        except BaseException as error:  # noqa: BLE001 - raised where the answer is read
            answer.set_exception(error)

    Thread(target=run, daemon=True).start()
    return answer
