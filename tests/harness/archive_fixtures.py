"""`baler replay` and `baler extract` at an archive in moto."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.client import BaseClient
from moto import mock_aws
from moto.moto_api import state_manager

from harness.archive import ARCHIVE, MAILBOX, ArchiveSite, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Baler = Callable[..., tuple[int, list[dict[str, Any]]]]


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [*os.environ]:
        if name.startswith(("AWS_", "BALER_")):
            monkeypatch.delenv(name)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "eu-west-2",
        "BALER_ARCHIVE": ARCHIVE,
        "BALER_MAILBOX": MAILBOX,
        "COLUMNS": "200",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def site() -> Iterator[ArchiveSite]:
    with mock_aws():
        yield ArchiveSite(boto3.client("s3"))


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Every call that boto3 makes from now on: the operation, and the key or prefix that it is about."""
    made: list[tuple[str, str]] = []
    real: Callable[..., Any] = BaseClient.__dict__["_make_api_call"]

    def call(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        made.append((operation, parameters.get("Key") or parameters.get("Prefix", "")))
        return real(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return made


@pytest.fixture
def slow_restores() -> Iterator[None]:
    """Let a restore take two looks."""
    state_manager.set_transition("s3::keyrestore", {"progression": "manual", "times": 2})
    yield
    state_manager.unset_transition("s3::keyrestore")


@pytest.fixture
def baler() -> Baler:
    """Run the command with --json; return its exit code and what it told."""

    def call(*arguments: object) -> tuple[int, list[dict[str, Any]]]:
        result = run(*arguments, "--json")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]

    return call
