"""The wheel as an operator gets it: built by `make dist`, with the locked dependencies and nothing else beside it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from zipfile import ZipFile

from harness.outside import PROJECT, run

NOT_THERE = ["benchmarks", "components", "loadtest", "policy", "pulumi", "runtime", "sandbox"]


def test_the_wheel_holds_the_one_package_and_its_data_files(wheel: Path) -> None:
    names = [Path(name) for name in ZipFile(wheel).namelist()]
    there = {name.relative_to("baler") for name in names if name.parts[0] == "baler"}

    assert wheel.name.startswith("s3_baler-")
    assert {name.parts[0] for name in names if not name.parts[0].endswith(".dist-info")} == {"baler"}
    package = PROJECT / "baler"
    assert there == {path.relative_to(package) for path in package.rglob("*") if path.suffix in {".py", ".toml"}}


def test_it_tells_its_version(premises: Path) -> None:
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]

    assert run(premises / "baler", "--version", cwd=premises).stdout == f"baler {version}\n"


def test_it_shows_the_help_of_a_sub_command(premises: Path) -> None:
    assert "baler consume --mailbox NAME" in run(premises / "baler", "consume", "--help", cwd=premises).stdout


def test_every_sub_command_has_what_it_imports_and_nothing_of_the_rest_of_the_house(premises: Path) -> None:
    program = f"""
import importlib.util, sys
from baler.cli.main import SUB_COMMANDS, sub_command
for name in SUB_COMMANDS:
    sub_command(name)
print([name for name in {NOT_THERE!r} if name in sys.modules or importlib.util.find_spec(name)])
"""

    assert run(premises / "python", "-c", program, cwd=premises).stdout == "[]\n"
