"""boto3's clients for an operator, and what AWS answers as a sentence and an exit code."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import typer
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from baler.aws.faults import code_of
from baler.cli.aws_session import aws_session, check_settings
from baler.cli.exit_codes import ExitCode
from baler.cli.refusals import MEANINGS, passes
from baler.cli.report import printable
from baler.cli.s3 import BROKEN, NO_CREDENTIALS, S3Error, S3UnavailableError
from baler.store_errors import Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Generator


class SettingsError(Exception):
    """boto3's settings are not usable; the message says what to check."""


def client(service: str, *, attempts: int = 3, read_seconds: float = 20) -> Any:
    """Make a client of any service; endpoint, region and credentials are boto3's own settings.

    Args:
        service: as boto3 names it. Untyped: some of them have no package of stubs here.
        attempts: how often a call is made at the most, the first one included.
        read_seconds: how long an answer may let wait.

    Raises:
        SettingsError, BotoCoreError: those are not usable.
    """
    config = Config(
        connect_timeout=5, read_timeout=read_seconds, retries={"mode": "standard", "total_max_attempts": attempts}
    )
    try:
        return cast("Any", aws_session()).client(service, config=config)
    except ValueError as error:
        # What botocore raises where an endpoint is no URL.
        raise SettingsError(check_settings(error)) from error


@contextmanager
def plain_errors() -> Generator[None]:
    """Say in one sentence what AWS refused, and end with the exit code for it."""
    try:
        yield
    except (ClientError, BotoCoreError, S3Error, SettingsError, Unavailable, *BROKEN) as error:
        sentence, passing = _explained(error)
        typer.echo(printable(sentence), err=True)
        raise typer.Exit(ExitCode.RETRY if passing else ExitCode.CANNOT_PROCEED) from error


def _explained(error: Exception) -> tuple[str, bool]:
    """Return the sentence, and whether the same command may go well later."""
    if isinstance(error, Unavailable):
        meaning = MEANINGS.get(error.reason) if isinstance(error, Refused) else None
        return (str(error) if meaning is None else f"{meaning}: {error}"), meaning is None
    if isinstance(error, S3Error | SettingsError):
        return str(error), isinstance(error, S3UnavailableError)
    if isinstance(error, ClientError):
        meaning = MEANINGS.get(code_of(error))
        return (str(error) if meaning is None else f"{meaning}: {error}"), passes(error)
    if isinstance(error, NO_CREDENTIALS):
        names = "AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        return f"Found no usable AWS credentials ({error}): set {names}.", False
    if isinstance(error, ParamValidationError):
        return f"A name that was given is none: {' '.join(str(error).split())}", False
    return check_settings(error), passes(error)
