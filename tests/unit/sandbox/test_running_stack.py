"""What a person reads when a stack could not be deployed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from sandbox import running_stack as module
from sandbox.engine.errors import CreationError
from sandbox.errors import SandboxError
from sandbox.localstack.server import LocalStack

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


def test_a_resource_that_localstack_did_not_make_comes_with_the_place_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def localstack(log: Path, *, port: int) -> Generator[LocalStack]:
        (tmp_path / "refusals.jsonl").touch()
        yield LocalStack(f"http://{log.name}:{port}", tmp_path / "refusals.jsonl")

    def deploy(*_: Any, **__: Any) -> Any:
        raise CreationError("it did not create a bucket: no space")

    monkeypatch.setattr(module, "running_localstack", localstack)
    monkeypatch.setattr(module, "deploy_local_stack", deploy)
    log = tmp_path / "localstack.log"
    with (
        pytest.raises(SandboxError, match=rf"^it did not create a bucket: no space \(.*{log}\)$"),
        module.running_stack(Console(quiet=True), pipelines=["lake"], overrides={}, port=1, engine="built-in", log=log),
    ):
        pass
