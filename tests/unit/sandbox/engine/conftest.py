"""An endpoint served by moto in this process, and what runs programs of a few lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws

from sandbox.engine.endpoint import Endpoint
from sandbox.engine.resources.creation import Created
from sandbox.engine.resources.registry import creation_of

REGION = "eu-west-2"

Create = Callable[..., Created]
Record = Callable[[Any, str], list[dict[str, Any]]]
WriteProject = Callable[..., Path]


class MotoEndpoint(Endpoint):
    """Clients without an endpoint of their own, which moto takes over."""

    def _client(self, service: str) -> Any:
        session = cast("Any", boto3.Session("test", "test", region_name=self.region))
        return session.client(service)


@pytest.fixture
def aws() -> Iterator[Endpoint]:
    with mock_aws():
        yield MotoEndpoint("http://moto", REGION)


@pytest.fixture
def create(aws: Endpoint) -> Create:
    """Create one resource from inputs as they arrive at the engine."""

    def create_one(token: str, inputs: Mapping[str, Any], name: str = "thing") -> Created:
        return creation_of(token, name, inputs)(aws)

    return create_one


@pytest.fixture
def record() -> Record:
    """Note what an operation is asked for, where moto forgets it and so cannot be read back."""

    def start(client: Any, operation: str) -> list[dict[str, Any]]:
        requests: list[dict[str, Any]] = []

        def note(params: dict[str, Any], **_: Any) -> None:
            requests.append(dict(params))

        client.meta.events.register(f"provide-client-params.*.{operation}", note)
        return requests

    return start


@pytest.fixture
def bucket(create: Create) -> str:
    return create("aws:s3/bucket:Bucket", {}).id


@pytest.fixture
def write_project(tmp_path: Path) -> WriteProject:
    """Write a project of one stack, `test`, and return its folder."""

    def write(program: str = "", *, project: str = "name: baler\nruntime: python\n", stack: str = "") -> Path:
        (tmp_path / "Pulumi.yaml").write_text(dedent(project))
        (tmp_path / "Pulumi.test.yaml").write_text(dedent(stack) or f"config:\n  aws:region: {REGION}\n")
        (tmp_path / "__main__.py").write_text(dedent(program))
        return tmp_path

    return write
