"""The wheel, and an environment that has it and nothing of the checkout."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from harness.outside import PROJECT, run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that a host on the premises gets."""
    folder = tmp_path_factory.mktemp("dist")
    run("make", "dist", f"DIST={folder}", cwd=PROJECT)
    return folder


@pytest.fixture(scope="session")
def wheel(dist: Path) -> Path:
    [built] = dist.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def premises(dist: Path, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the programs of an environment that has the wheel."""
    environment = tmp_path_factory.mktemp("premises") / "venv"
    uv = (sys.executable, "-m", "uv")
    run(*uv, "venv", "--quiet", "--offline", "--python", sys.executable, environment, cwd=environment.parent)
    locked = ("install", "--require-hashes", "--no-deps", "--requirement", dist / "consumer.lock")
    # What .venv was made of is in uv's cache; pip knows where packages come from on this machine.
    cached = run(*uv, "pip", *locked, "--offline", "--python", environment, cwd=environment.parent, check=False)
    if cached.returncode != 0:
        run(sys.executable, "-m", "pip", "--python", environment / "bin" / "python", *locked, cwd=environment.parent)
    run(*uv, "pip", "install", "--offline", "--no-deps", "--python", environment, wheel, cwd=environment.parent)
    return environment / "bin"
