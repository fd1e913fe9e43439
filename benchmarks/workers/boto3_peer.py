"""The peer `boto3.upload_fileobj`, as requirement document 3 has it, run by the peers' environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import boto3
from botocore.config import Config

from benchmarks.workers.bundle_file import SHA256, bundle_id
from benchmarks.workers.serve import serve


class Boto3Worker:
    """Keeps its client."""

    def __init__(self) -> None:
        self._client: Any = None

    def work(self, request: dict[str, Any]) -> int:
        """Upload a bundle some times; returns how often that did not fail.

        Args:
            request: as benchmarks/workers/courier_s3.py takes it.
        """
        if self._client is None:
            self._client = cast("Any", boto3).client(
                "s3",
                endpoint_url=f"https://localhost:{request['port']}",
                verify=request["authority"],
                region_name="us-east-1",
                aws_access_key_id="test",
                aws_secret_access_key="test",  # noqa: S106 - nobody checks it
                config=Config(
                    s3={"addressing_style": "path"},
                    request_checksum_calculation="when_required",
                    response_checksum_validation="when_required",
                ),
            )
        for number in range(request["times"]):
            with Path(request["path"]).open("rb") as body:
                self._client.upload_fileobj(
                    body, "bundles", f"{bundle_id(number)}.tar.gz", ExtraArgs={"Metadata": {"sha256_checksum": SHA256}}
                )
        return request["times"]

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()


if __name__ == "__main__":
    serve(Boto3Worker().work)
