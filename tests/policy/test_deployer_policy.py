"""The policies for whoever deploys are what the program needs, and can be put into an account as they are."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest
from deployer_policy.documents import FOLDER, LONGEST, STALE, documents
from deployer_policy.table import TABLE
from harness.recorded_program import EVENTS, HTTP, record_program

from sandbox.engine.resources.registry import ABSENT, CREATORS

ALL = {**EVENTS, "baler:pipelines": ["files", "events", "lake"]}
CONNECTED = {"baler:onPremisesCidrs": ["192.168.0.0/16"], "baler:vpnGatewayAddress": "198.41.0.4"}


def statements() -> list[dict[str, Any]]:
    return [each for text in documents().values() for each in json.loads(text)["Statement"]]


def test_the_files_are_what_the_table_says() -> None:
    assert {path.name: path.read_text() for path in FOLDER.glob("*.json")} == documents(), STALE


@pytest.mark.parametrize("name", documents())
def test_each_can_be_a_managed_policy(name: str) -> None:
    assert len("".join(documents()[name].split())) <= LONGEST


def test_every_type_of_resource_that_there_is_has_its_rights() -> None:
    assert set(TABLE) - {"aws:budgets/budget:Budget"} == {*CREATORS, *ABSENT} - {"aws:budgets/budget:Budget"}


@pytest.mark.parametrize("settings", [ALL, {**ALL, **HTTP}, {**ALL, **CONNECTED}], ids=["pull", "http", "connected"])
def test_every_resource_of_the_program_may_be_made_under_the_name_that_it_has(settings: dict[str, Any]) -> None:
    for resource in record_program("prod", settings).resources:
        if not resource.type.startswith("aws:"):
            continue
        assert resource.type in TABLE, resource.type
        arn = None if "arn" in resource.inputs else resource.outputs.get("arn")
        if isinstance(arn, str) and arn.startswith("arn:"):
            named = [pattern for rights in TABLE[resource.type] for pattern in rights.resources]
            assert any(fnmatchcase(arn, pattern) for pattern in named), f"{resource.type}: {arn}"


def test_what_changes_who_may_do_what_is_limited_to_what_is_ours() -> None:
    powerful = ("iam:CreateRole", "iam:PutRolePolicy", "iam:PassRole", "kms:PutKeyPolicy", "lambda:AddPermission")
    for statement in statements():
        if set(statement["Action"]) & {*powerful}:
            assert statement["Resource"] != "*" or statement["Condition"], statement


def test_no_object_of_the_pipelines_can_be_read_or_written() -> None:
    of_objects = [each for each in statements() if "s3:GetObject" in each["Action"] or "s3:PutObject" in each["Action"]]
    assert [each["Resource"] for each in of_objects] == ["arn:aws:s3:::baler-*-lake-site-*/*"]
