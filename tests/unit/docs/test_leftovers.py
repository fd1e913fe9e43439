"""What commands leave in the checkout, when somebody runs them there, is not offered to git."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from sandbox.localstack.installation import INSTALLED
from sandbox.terminal.blocks import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

LEFT = (
    "baler-audit.jsonl",  # baler dead-letters discard
    "replay-20261120T091500Z-1a2b3c4d.jsonl",  # baler replay
    "found/architecture.md",  # baler extract, as its page has it
    "received/architecture.md",  # baler consume, as the pages have it
    "received.state/ledger.sqlite",
    "received.damaged/ledger.sqlite",
    "out/sandbox/localstack.log",  # make demo, make sandbox, make loadtest, make bench
    "monitor.json",  # aws lambda invoke, on the pages of the monitor and of reconciliation
    "courier.json",  # and of the courier
    "payload.json",
    "reconciliation.json",
    "registrar.json",
    "outputs.json",  # docs/load-test.md
    "report.html",
    "build/pulumi/local/Pulumi.yaml",  # the packages of functions, and ENGINE=pulumi
    "s3_baler.egg-info/PKG-INFO",  # make setup
    "sandbox/localstack/plugins/build/lib/baler_localstack/__init__.py",
    "sandbox/iam/node_modules/.ready",
    "baler/__pycache__/emf.cpython-311.pyc",
    *(f"{environment.name}/bin/python" for environment in (INSTALLED.localstack, INSTALLED.function)),
)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with our rules and nothing else: whatever links a developer's own checkout has."""
    folder = tmp_path_factory.mktemp("clone")
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    for rules in (".gitignore", "sandbox/iam/.gitignore"):
        (folder / rules).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / rules, folder / rules)
    return folder


def test_what_a_command_leaves_is_ignored(clone: Path) -> None:
    asked = subprocess.run(["git", "check-ignore", *LEFT], cwd=clone, capture_output=True, text=True, check=False)
    assert sorted(set(LEFT) - set(asked.stdout.splitlines())) == []


def test_nothing_that_is_kept_is_ignored() -> None:
    listing = ["git", "ls-files", "--cached", "--ignored", "--exclude-standard"]
    assert subprocess.run(listing, cwd=PROJECT, capture_output=True, text=True, check=True).stdout == ""
