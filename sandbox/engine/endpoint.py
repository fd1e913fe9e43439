"""The clients of one LocalStack endpoint."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from botocore.config import Config
from localstack_client.session import Session

from sandbox.engine.errors import EndpointMismatchError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts import STSClient

# An emulator on this machine is reached directly, whatever proxy the shell names, and a bucket by its path:
# `bucket.localhost` does not resolve everywhere.
_ON_THIS_MACHINE: Final = Config(proxies={}, s3={"addressing_style": "path"})

PATIENT: Final = Config(connect_timeout=5, read_timeout=120, retries={"total_max_attempts": 2})
"""For whoever deploys and looks: creating a function may unpack a package before it answers."""

PERSISTENT: Final = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 10})
"""For a party whose every request is to arrive, on a bad day too."""

ONCE: Final = Config(connect_timeout=5, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 1})
"""For a party that tries again by itself."""


@dataclass(frozen=True)
class Credentials:
    """An access key; a session's comes with a token."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)

    def environment(self) -> dict[str, str]:
        """Return the variables by which AWS's tools take it."""
        variables = {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key}
        return variables | ({"AWS_SESSION_TOKEN": self.session_token} if self.session_token else {})


ROOT: Final = Credentials("test", "test")
"""LocalStack's account as its root user, which deploys."""


class Endpoint:
    """Clients by service, all of one URL (scheme, host and port), one region and one principal.

    Args:
        url: of every service.
        region: AWS's name of it.
        credentials: the principal's.
        patience: what their configuration says of time-outs and attempts.
    """

    def __init__(self, url: str, region: str, credentials: Credentials = ROOT, patience: Config = PATIENT) -> None:
        self.url = url.rstrip("/")
        self.region = region
        self.access_key_id = credentials.access_key_id
        self._config = _ON_THIS_MACHINE.merge(patience)
        self._session = Session(
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            aws_session_token=credentials.session_token,  # pyright: ignore[reportArgumentType]  # None is botocore's default
            region_name=region,
            localstack_host=urlsplit(url).netloc,
        )

    @cached_property
    def athena(self) -> Any:
        """Workgroups. Untyped: one call."""
        return self._client("athena")

    @cached_property
    def cloudwatch(self) -> Any:
        """Alarms and dashboards. Untyped, as is `sns`: a few calls each do not earn their stubs."""
        return self._client("cloudwatch")

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        """Claim tables."""
        return self._client("dynamodb")

    @cached_property
    def ec2(self) -> Any:
        """Networks. Untyped: its stubs would be larger than those of all other services together."""
        return self._client("ec2")

    @cached_property
    def events(self) -> Any:
        """Rules by the clock. Untyped: two calls are no reason for one more package of stubs."""
        return self._client("events")

    @cached_property
    def glue(self) -> Any:
        """Databases and tables of the catalogue. Untyped: a few calls."""
        return self._client("glue")

    @cached_property
    def http_apis(self) -> Any:
        """API Gateway v2. Untyped: a few calls."""
        return self._client("apigatewayv2")

    @cached_property
    def iam(self) -> IAMClient:
        """Roles and their policies."""
        return self._client("iam")

    @cached_property
    def functions(self) -> LambdaClient:
        """Lambda functions, aliases and event source mappings."""
        return self._client("lambda")

    @cached_property
    def kinesis(self) -> Any:
        """Streams. Untyped: a few calls."""
        return self._client("kinesis")

    @cached_property
    def kms(self) -> Any:
        """Keys. Untyped: one call."""
        return self._client("kms")

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        """Log groups."""
        return self._client("logs")

    @cached_property
    def parameters(self) -> Any:
        """Systems Manager's parameters. Untyped: one call."""
        return self._client("ssm")

    @cached_property
    def s3(self) -> S3Client:
        """Buckets and their configurations."""
        return self._client("s3")

    @cached_property
    def secrets(self) -> Any:
        """Secrets Manager's secrets. Untyped: a few calls."""
        return self._client("secretsmanager")

    @cached_property
    def sns(self) -> Any:
        """Topics and who listens to them."""
        return self._client("sns")

    @cached_property
    def sqs(self) -> SQSClient:
        """Queues and their policies."""
        return self._client("sqs")

    @cached_property
    def sts(self) -> STSClient:
        """The caller's identity."""
        return self._client("sts")

    def _client(self, service: str) -> Any:
        client = cast("Any", self._session).client(service, config=self._config)
        # localstack-client lets AWS_ENDPOINT_URL and USE_SSL of the environment win over the host it is given.
        actual = str(client.meta.endpoint_url).rstrip("/")
        if actual != self.url:
            raise EndpointMismatchError(
                f"The environment points clients at {actual}, and this deployment is to {self.url}: "
                "unset AWS_ENDPOINT_URL and USE_SSL."
            )
        return client
