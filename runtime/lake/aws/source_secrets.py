"""Secrets of sources in Secrets Manager: a JSON object each, whose keys the declarations name."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from baler.aws.attempts import attempt
from baler.aws.faults import code_of
from runtime.lake.ingestion.ports import SecretMissingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_secretsmanager import SecretsManagerClient

    from baler.lake.sources import Source


class SecretsManagerSecrets:
    """The Secrets port (see runtime/lake/ingestion/ports.py). Each run reads anew, so that a rotation counts at once.

    Args:
        client: boto3's, which makes each call once.
        arns: of the secrets, by the names of sources.
        deadline: when its calls must be over, seconds since the epoch.
    """

    def __init__(self, client: SecretsManagerClient, arns: Mapping[str, str], deadline: float = math.inf) -> None:
        self._client = client
        self._arns = arns
        self._deadline = deadline

    def headers_of(self, source: Source) -> tuple[tuple[str, str], ...]:
        """Return names and values; a line end behind a value was pasted with it and is none of it."""
        values = _values(self._read(source.name))
        try:
            return tuple((header.name, values[header.key].strip()) for header in source.headers)
        except KeyError:
            raise SecretMissingError from None

    def _read(self, source: str) -> str:
        arn = self._arns.get(source)
        if arn is None:
            raise SecretMissingError

        def read() -> str:
            try:
                return self._client.get_secret_value(SecretId=arn).get("SecretString", "")
            except ClientError as error:
                if code_of(error) == "ResourceNotFoundException":  # also of a secret without a value
                    raise SecretMissingError from error
                raise

        return attempt("read the secret of a source", read, self._deadline)


def _values(text: str) -> dict[str, str]:
    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise SecretMissingError from None  # the error quotes the secret
    if not isinstance(document, dict):
        raise SecretMissingError
    return {
        key: value for key, value in cast("dict[str, object]", document).items() if isinstance(value, str) and value
    }
