"""The peer of the consumer: gets every object and unpacks it, and promises nothing."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from benchmarks.workers.serve import serve

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class PlainConsumer:
    """Keeps its client."""

    def __init__(self) -> None:
        self._client: S3Client = boto3.client("s3")

    def work(self, request: dict[str, Any]) -> int:
        """Unpack every object; returns how many files lie in the folder then, the manifests aside.

        Args:
            request: as benchmarks/workers/consumer_ours.py takes it.
        """
        into = Path(request["into"])
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=request["mailbox"])
        for page in pages:
            for item in page.get("Contents", []):
                body = self._client.get_object(Bucket=request["mailbox"], Key=item.get("Key", ""))["Body"].read()
                with tarfile.open(fileobj=io.BytesIO(body), mode="r:gz") as bundle:
                    bundle.extractall(into, filter="data")
        (into / "MANIFEST.json").unlink()
        return sum(len(files) for _, _, files in os.walk(into))


if __name__ == "__main__":
    serve(PlainConsumer().work)
