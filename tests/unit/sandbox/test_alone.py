"""Two runs do not use the same folder at the same time."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sandbox.__main__ import app
from sandbox.alone import alone
from sandbox.errors import SandboxError
from sandbox.localstack.ports import free_port


def test_a_second_run_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with (
        alone(folder),
        pytest.raises(SandboxError, match=r"^Another run is writing to .*out: wait for it, or end it\.$"),
        alone(folder),
    ):
        pass
    with alone(folder):
        pass


@pytest.mark.parametrize(
    ("command", "folder", "kept"),
    [("demo", "out", "out/receiver"), ("up", "out/sandbox", "out/sandbox/receiver")],
)
def test_a_second_pushed_one_is_refused_and_takes_nothing_from_the_receiver_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, folder: str, kept: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with alone(Path(folder)):
        note = Path(kept, "noted")
        note.parent.mkdir()
        note.touch()
        result = CliRunner().invoke(app, [command, "--delivery", "http"])
        assert (result.exit_code, result.output) == (
            2,
            f"Another run is writing to {folder}: wait for it, or end it.\n",
        )
        assert note.exists()


@pytest.mark.parametrize("pipeline", ["files", "events", "lake"])
def test_a_second_sandbox_does_not_write_over_the_log_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pipeline: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with alone(Path("out/sandbox")):
        Path("out/sandbox/localstack.log").write_text("the first's")
        result = CliRunner().invoke(app, ["up", "--pipeline", pipeline, "--port", str(free_port())])
        assert result.exit_code == 2
        assert "out/sandbox" in result.output
        assert Path("out/sandbox/localstack.log").read_text() == "the first's"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (OSError(errno.ENOSPC, "full", "out/sandbox/x"), "out/sandbox/x cannot be written: no space left on device.\n"),
        (OSError(errno.ENOSPC, "full"), "A file cannot be written: no space left on device.\n"),
    ],
)
def test_a_full_disk_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: OSError, said: str) -> None:
    def full(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sandbox.__main__.running_lake", full)
    result = CliRunner().invoke(app, ["up", "--pipeline", "lake"])
    assert (result.exit_code, result.output) == (2, said)
