"""The receiver's secret in Secrets Manager."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal

from botocore.exceptions import ClientError

from baler.aws.attempts import attempt
from baler.aws.faults import code_of
from runtime.files.receivers.credentials import SecretVersion

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_secretsmanager.type_defs import GetSecretValueResponseTypeDef

# A send waits for the secret: two attempts, which the client does not multiply.
ATTEMPTS: Final = 2


class SecretsManagerSecret:
    """The SecretStore port (see runtime/files/receivers/credentials.py).

    Answers and errors are those of
    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html

    Args:
        client: boto3's, which makes each call once.
        secret: its ARN.
    """

    def __init__(self, client: SecretsManagerClient, secret: str) -> None:
        self._client = client
        self._secret = secret

    def current(self) -> SecretVersion | None:
        """Return the version in force; None where the secret has no value yet."""
        return self._version("AWSCURRENT")

    def previous(self) -> SecretVersion | None:
        """Return the version before; None where there was none."""
        return self._version("AWSPREVIOUS")

    def _version(self, stage: Literal["AWSCURRENT", "AWSPREVIOUS"]) -> SecretVersion | None:
        def read() -> GetSecretValueResponseTypeDef | None:
            try:
                return self._client.get_secret_value(SecretId=self._secret, VersionStage=stage)
            except ClientError as error:
                if code_of(error) == "ResourceNotFoundException":  # also of a stage that no version has
                    return None
                raise

        found = attempt("read the receiver's credentials", read, math.inf, most=ATTEMPTS)
        if found is None:
            return None
        # Who puts a file with the command line (`fileb://`) makes a binary value of the same JSON.
        text = found["SecretString"] if "SecretString" in found else found["SecretBinary"].decode(errors="replace")
        return SecretVersion(found["VersionId"], text, found["CreatedDate"].timestamp())
