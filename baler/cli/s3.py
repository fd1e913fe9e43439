"""boto3's S3 client for the `baler` command, and what S3 answers, as a sentence and what can be done about it."""

from __future__ import annotations

import http.client
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from baler.aws.faults import code_of
from baler.cli.aws_session import CHECK_SETTINGS, aws_session, check_settings
from baler.cli.refusals import MEANINGS, passes

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from mypy_boto3_s3 import S3Client

# A piece of a download: large enough that calls cost nothing, small enough that a stop is prompt.
CHUNK_BYTES: Final = 256 * 1024
# How many calls may be under way at once: as many as the client keeps connections.
CONNECTIONS: Final = 16

_GONE: Final = {"404", "NoSuchKey", "412", "PreconditionFailed"}
NO_CREDENTIALS: Final = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    SSOError,
    TokenRetrievalError,
)


# What a broken connection, or something between us and S3, raises beside botocore's own errors: StreamingBody
# translates two of urllib3's errors and lets the others through (a TLS record that is none, a wrong MAC, an alert; an
# encoding that cannot be decoded), and the parser of answers has an error of its own.
BROKEN: Final = (HTTPError, http.client.HTTPException, ResponseParserError)

# An object may have 2 KB of user metadata, put with 8 KB of headers (S3 user guide, "Working with object metadata"):
# some 480 headers. http.client gives up at 100, which boto3 takes for a broken connection, at every try.
http.client._MAXHEADERS = 1000  # type: ignore[attr-defined]  # noqa: SLF001 - it has no public way to say it


class Readable(Protocol):
    """The body of an answer."""

    def read(self, amt: int, /) -> bytes:
        """Return at most that many bytes; none at the end."""
        ...


class S3Error(Exception):
    """A call to S3 failed; the message is a sentence for the operator."""


class S3UnavailableError(S3Error):
    """S3 cannot be reached or does not keep up: any call would fail now, all can be tried again later."""


class S3RefusedError(S3Error):
    """S3 refuses us: no such bucket, no credentials, no permission. Someone has to set something right."""


class S3GoneError(S3Error):
    """The object is not there, or is not the one that was meant."""


def s3_client(*, attempts: int = 3) -> S3Client:
    """Make the client; endpoint, region and credentials are boto3's own settings (AWS_ENDPOINT_URL and so on).

    Args:
        attempts: how often a call is made at the most, the first one included.

    Raises:
        S3RefusedError: one of those settings is not usable.
    """
    config = Config(
        connect_timeout=5,
        read_timeout=20,
        retries={"mode": "standard", "total_max_attempts": attempts},
        max_pool_connections=CONNECTIONS,
        # Older S3-compatible stores refuse what these add; every byte is checked against our own SHA-256 anyway.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    try:
        return aws_session().client("s3", config=config)
    except (BotoCoreError, ValueError) as error:
        raise S3RefusedError(f"The AWS settings are not usable ({error}): {CHECK_SETTINGS}.") from error


@contextmanager
def explained(what: str) -> Generator[None]:
    """Raise boto3's errors as S3Error.

    Args:
        what: is being done: "list the mailbox 'x'".
    """
    try:
        yield
    except ClientError as error:
        raise _answered(error, what) from error
    except NO_CREDENTIALS as error:
        raise S3RefusedError(
            f"Found no usable AWS credentials ({error}): set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY."
        ) from error
    except ParamValidationError as error:
        # Its own text is a regular expression. Nothing else that is passed on can be wrong: keys come from S3 or ids.
        raise S3RefusedError(
            f"Could not {what}: that is not a bucket's name, which has 3 to 63 lower-case letters, digits, dots and "
            "hyphens."
        ) from error
    except (BotoCoreError, *BROKEN) as error:
        if passes(error):
            raise S3UnavailableError(f"Could not {what}: {error}") from error
        raise S3RefusedError(f"Could not {what}: {check_settings(error)}") from error


def body_chunks(body: Readable, what: str, size: int = CHUNK_BYTES) -> Iterator[bytes]:
    """Yield a body piece by piece.

    Args:
        body: of an answer.
        what: is being done: "read 'key' in the mailbox 'x'".
        size: bytes of a piece, at most.

    Raises:
        S3UnavailableError: the connection broke, in whatever way, or fell silent, or ended early.
    """
    with explained(what):
        while True:
            try:
                chunk = body.read(size)
            except OSError as error:
                # The network's: the disk is not touched in here.
                raise S3UnavailableError(f"Could not {what}: {error}") from error
            if not chunk:
                return
            yield chunk


def _answered(error: ClientError, what: str) -> S3Error:
    code = code_of(error)
    if code in _GONE:
        return S3GoneError(f"Could not {what}: it was deleted or replaced meanwhile.")
    if passes(error):
        return S3UnavailableError(f"Could not {what}: {error}")
    if code in MEANINGS:
        return S3RefusedError(f"{MEANINGS[code]}: could not {what} (S3 says {code}).")
    return S3RefusedError(f"S3 refuses it: could not {what} ({error}).")
