"""How boto3's clients are set for an operator, and what goes wrong with them in one sentence."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from baler.aws.faults import code_of
from baler.cli.aws_session import check_settings
from baler.cli.refusals import passes
from baler.cli.s3 import BROKEN
from baler.store_errors import Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Generator

CLIENT: Final = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 4})

# What to check, by AWS's error code (a HEAD has the status alone).
_ADVICE: Final = {
    "AWS.SimpleQueueService.NonExistentQueue": "check --dead-letter-queue-url and --ingest-queue-url",
    "QueueDoesNotExist": "check --dead-letter-queue-url and --ingest-queue-url",
    "OverLimit": "more messages are hidden than SQS allows: redrive some first, or wait until they are seen again",
    "ResourceNotFoundException": "check --claim-table",
    "404": "check --landing-bucket",
    "403": "check --landing-bucket and the permissions of your role",
    "AccessDenied": "check the permissions of your role",
    "AccessDeniedException": "check the permissions of your role",
    "ExpiredToken": "your credentials have expired",
    "ExpiredTokenException": "your credentials have expired",
    "UnrecognizedClientException": "your credentials are not known there",
}


class AwsError(Exception):
    """AWS refused or did not answer.

    Attributes:
        passes: whether the same command may go well later with nobody changing anything.
    """

    def __init__(self, sentence: str, *, passes: bool = False) -> None:
        """Take a sentence for the operator."""
        super().__init__(sentence)
        self.passes = passes


class NoAnswerError(Exception):
    """AWS did not answer, or is too busy to: the same call may go well later."""


@contextmanager
def answered() -> Generator[None]:
    """Raise what may pass by itself as NoAnswerError, and what stops every such call as AwsError.

    A refusal of this one request stays what it is. An error that the same call would meet again must never be
    reported as one that passes: somebody would try again for ever.
    """
    try:
        yield
    except Unavailable as error:
        if isinstance(error, Refused) and (advice := _ADVICE.get(error.reason)):
            raise AwsError(f"{error}: {advice}") from error
        raise NoAnswerError(str(error)) from error
    except (ClientError, BotoCoreError, *BROKEN) as error:
        if passes(error):
            raise NoAnswerError(str(error)) from error
        raise


@contextmanager
def explained() -> Generator[None]:
    """Turn boto3's errors into AwsError."""
    try:
        yield
    except ClientError as error:
        advice = _ADVICE.get(code_of(error), "")
        raise AwsError(f"{error}{': ' if advice else ''}{advice}", passes=passes(error)) from error
    except ParamValidationError as error:
        raise AwsError(f"{error}: check --landing-bucket and --claim-table") from error
    except (BotoCoreError, *BROKEN) as error:
        raise AwsError(check_settings(error), passes=passes(error)) from error
