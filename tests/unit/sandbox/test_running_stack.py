"""What a person reads when a stack could not be deployed."""

from __future__ import annotations

import io
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console
from rich.status import Status

from sandbox import running_stack as module
from sandbox.engine.deployment import ResourceEvent
from sandbox.engine.errors import CreationError
from sandbox.engine.program import PROJECT_DIR
from sandbox.engine.resources.registry import ABSENT
from sandbox.errors import SandboxError
from sandbox.localstack.server import LocalStack

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path


@pytest.fixture
def localstack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None is started, and 37 resources are to be created."""

    @contextmanager
    def started(log: Path, *, port: int) -> Generator[LocalStack]:
        (tmp_path / "refusals.jsonl").touch()
        yield LocalStack(f"http://{log.name}:{port}", tmp_path / "refusals.jsonl")

    def count(*_: Any) -> int:
        return 37

    monkeypatch.setattr(module, "running_localstack", started)
    monkeypatch.setattr(module, "count_resources", count)


@pytest.mark.usefixtures("localstack")
def test_a_resource_that_localstack_did_not_make_comes_with_the_place_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deploy(*_: Any, **__: Any) -> Any:
        raise CreationError("it did not create a bucket: no space")

    monkeypatch.setattr(module, "deploy_local_stack", deploy)
    log = tmp_path / "localstack.log"
    with (
        pytest.raises(SandboxError, match=rf"^it did not create a bucket: no space \(.*{log}\)$"),
        module.running_stack(Console(quiet=True), pipelines=["lake"], overrides={}, port=1, engine="built-in", log=log),
    ):
        pass


@pytest.mark.usefixtures("localstack")
def test_a_deployment_shows_how_far_it_is_and_what_is_left_out_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def deploy(*_: Any, on_resource: Callable[[ResourceEvent], None], **__: Any) -> str:
        on_resource(ResourceEvent("baler:files:Landing", "landing", "grouped", ""))
        on_resource(ResourceEvent("aws:s3/bucket:Bucket", "landing", "created", "landing-1"))
        on_resource(ResourceEvent("aws:cloudtrail/trail:Trail", "trail", "absent", "LocalStack has none"))
        return "deployed"

    shown: list[str] = []

    def update(_: Status, text: str) -> None:
        shown.append(text)

    monkeypatch.setattr(Status, "update", update)
    monkeypatch.setattr(module, "deploy_local_stack", deploy)
    written = io.StringIO()
    console, log = Console(file=written, width=100), tmp_path / "log"
    with module.running_stack(
        console, pipelines=["lake"], overrides={}, port=1, engine="built-in", log=log
    ) as deployed:
        assert deployed == "deployed"
    assert shown == ["Deploying 1/37  [dim]Bucket landing"]
    assert "1 resources are left out, which LocalStack does not have: docs/sandbox.md\n" in written.getvalue()
    assert "LocalStack has none" not in written.getvalue()


def test_what_is_left_out_is_on_the_page_that_the_line_names() -> None:
    page = (PROJECT_DIR / "docs/sandbox.md").read_text(encoding="utf-8")
    rows = [row.split("|")[1] for row in page.splitlines() if row.startswith("| `aws:")]
    named = [(re.findall(r"`aws:(\w+)`", row), re.findall(r"[A-Z]\w+", row)) for row in rows]
    listed = {(service, kind) for (service,), kinds in named for kind in kinds}
    assert listed == {(token.split(":")[1].partition("/")[0], token.rpartition(":")[2]) for token in ABSENT}
