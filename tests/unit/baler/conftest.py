"""What the tests of `baler` share."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import boto3
import pytest
from harness.consumer import Site

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "received")


@pytest.fixture(autouse=True)
def machine_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another run of the tests beside this one uses mailboxes of the same name."""
    monkeypatch.setattr("baler.commands.consume.lock._shared_folder", lambda: tmp_path)


@pytest.fixture
def aws_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3's settings for moto, and none of the caller's shell."""
    for name in [*os.environ]:
        if name.startswith(("AWS_", "BALER_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
