"""How functions make their clients of AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.config import Config
from botocore.exceptions import NoCredentialsError

if TYPE_CHECKING:
    from collections.abc import Callable

    import boto3
    from botocore.credentials import ReadOnlyCredentials

CONFIG: Final = Config(connect_timeout=2.0, read_timeout=5.0, retries={"mode": "standard", "total_max_attempts": 3})
"""Of boto3's own calls. Those of `baler.aws.http` take region and endpoint from such a client, and no more."""


def credentials_of(session: boto3.Session) -> Callable[[], ReadOnlyCredentials]:
    """Return what gives a session's credentials, renewed where that is due.

    Raises:
        NoCredentialsError: there are none, as boto3 would say at the first call.
    """
    found = session.get_credentials()
    if found is None:
        raise NoCredentialsError
    return found.get_frozen_credentials
