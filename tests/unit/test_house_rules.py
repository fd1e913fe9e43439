"""The contracts of .importlinter, against a copy of the tree in which somebody has broken each of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tokenize
from pathlib import Path
from typing import Final

import pytest

PROJECT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("baler", "benchmarks", "components", "loadtest", "policy", "runtime", "sandbox")

# The module that somebody adds, what it imports, and the sentence that refuses it.
OFFENCES: Final = {
    "a wing's components import another's": (
        "components/events/stream.py",
        "components.files.timing",
        "components.events is not allowed to import components.files:",
    ),
    "a wing's functions import another's": (
        "runtime/events/processor/batch.py",
        "runtime.files.aggregator.ports",
        "runtime.events is not allowed to import runtime.files:",
    ),
    "a wing's library imports another's": (
        "baler/lake/records.py",
        "baler.files.bundle.ids",
        "baler.lake is not allowed to import baler.files:",
    ),
    "a function imports another": (
        "runtime/files/courier/delivery.py",
        "runtime.files.aggregator.phases",
        "runtime.files.courier is not allowed to import runtime.files.aggregator:",
    ),
    "a function's logic imports an adapter": (
        "runtime/files/reconciliation/newest.py",
        "runtime.files.aws.clients",
        "runtime.files.reconciliation is not allowed to import runtime.files.aws:",
    ),
    "a function imports a sub-command": (
        "runtime/files/mailbox_monitor/oldest.py",
        "baler.commands.status.health",
        "runtime is not allowed to import baler.commands:",
    ),
    "a function imports a component": (
        "runtime/files/aggregator/sizes.py",
        "components.files.timing",
        "runtime is not allowed to import components:",
    ),
    "a component imports a function": (
        "components/files/courier.py",
        "runtime.files.aggregator.phases",
        "components is not allowed to import runtime:",
    ),
    "a component imports the library's logic": (
        "components/files/names.py",
        "baler.files.bundle.ids",
        "components is not allowed to import baler:",
    ),
    "a building block imports a wing": (
        "components/blocks/odd_queue.py",
        "components.files.timing",
        "components.blocks is not allowed to import components.files:",
    ),
    "the product imports its sandbox": (
        "components/network/local.py",
        "sandbox.stack",
        "components is not allowed to import sandbox:",
    ),
    "a sub-command imports another": (
        "baler/commands/extract/bill.py",
        "baler.commands.cost.bill",
        "baler.commands.extract is not allowed to import baler.commands.cost:",
    ),
    "the library imports the command line's modules": (
        "baler/aws/printing.py",
        "baler.cli.report",
        "baler.aws is not allowed to import baler.cli:",
    ),
    "the claim protocol imports the AWS SDK": (
        "baler/files/claims/table.py",
        "boto3",
        "baler.files.claims is not allowed to import boto3:",
    ),
    "a function's logic imports Powertools": (
        "runtime/files/aggregator/words.py",
        "aws_lambda_powertools",
        "runtime.files.aggregator is not allowed to import aws_lambda_powertools:",
    ),
    "a new wing's logic imports Pulumi": (
        "runtime/lake/curation/records.py",
        "pulumi",
        "runtime.lake.curation is not allowed to import pulumi:",
    ),
    "a function imports a mock": (
        "runtime/files/aws/somewhere.py",
        "moto",
        "runtime is not allowed to import moto:",
    ),
    "a rule of the policy pack imports the library": (
        "policy/names.py",
        "baler.files.metric_names",
        "policy is not allowed to import baler:",
    ),
}


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return what the linter says of a tree with all of the offences, and of a folder that has no place in it."""
    tree = tmp_path_factory.mktemp("tree")
    shutil.copy(PROJECT / ".importlinter", tree)
    for package in PACKAGES:
        shutil.copytree(PROJECT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
    for path, imported, _ in OFFENCES.values():
        _add(tree, Path(path), f"import {imported}\n")
    _add(tree, Path("components/bakery/oven.py"), "")
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=tree,
        env={**os.environ, "COLUMNS": "200"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    return done.stdout


def _add(tree: Path, module: Path, source: str) -> None:
    (tree / module.parent).mkdir(parents=True, exist_ok=True)
    for package in module.parents[:-1]:
        (tree / package / "__init__.py").touch()
    (tree / module).write_text(source, encoding="utf-8")


@pytest.mark.parametrize("offence", OFFENCES)
def test_an_import_that_breaks_the_rules_of_the_house_is_refused(refusals: str, offence: str) -> None:
    path, imported, refusal = OFFENCES[offence]
    chains = refusals.partition(f"\n{refusal}\n")[2]

    assert f"{path.removesuffix('.py').replace('/', '.')} -> {imported.partition('.')[0]}" in chains


def test_a_folder_of_components_that_has_no_layer_is_refused(refusals: str) -> None:
    assert "- components.bakery\n" in refusals


@pytest.mark.requirement("MINIO-CLIENTS-02")
def test_what_is_deployed_cannot_be_switched_to_a_mock() -> None:
    """The contract refuses imports; this, a variable that would switch to what somebody else imports."""
    switches = ("moto", "mock_aws", "use_moto", "localstack")
    for package in ("baler", "runtime"):
        for path in sorted((PROJECT / package).rglob("*.py")):
            # Prose may name what it is compared with.
            names = {token.string.lower() for token in _tokens(path) if token.type in {tokenize.NAME, tokenize.STRING}}
            assert not [name for name in names if name.strip("'\"") in switches], path


@pytest.mark.requirement("MINIO-CLIENTS-02")
def test_an_import_of_a_mock_is_refused(refusals: str) -> None:
    assert "runtime is not allowed to import moto:" in refusals


def _tokens(path: Path) -> list[tokenize.TokenInfo]:
    with path.open("rb") as file:
        return list(tokenize.tokenize(file.readline))
