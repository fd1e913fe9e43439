"""Pulumi.yaml and the stack files say what the settings say."""

import json
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
import yaml
from pydantic.fields import FieldInfo

from components.settings import Settings
from sandbox.engine.program import PROJECT_DIR

FIELDS = {f"baler:{field.alias}": field for field in Settings.model_fields.values()}
STACK_FILES = sorted(PROJECT_DIR.glob("Pulumi.*.yaml"))
ON_AWS = [path for path in STACK_FILES if path.name != "Pulumi.local.yaml"]


def load(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text())["config"]


def declared() -> dict[str, Any]:
    return load(PROJECT_DIR / "Pulumi.yaml")


def pulumi_type(field: FieldInfo) -> str:
    annotation: Any = field.annotation
    if get_origin(annotation) is tuple:
        return "array"
    values = get_args(annotation) if get_origin(annotation) is Literal else ()
    return {bool: "boolean", int: "integer", str: "string"}[type(values[0]) if values else annotation]


def stack_name(path: Path) -> str:
    return path.name.split(".")[1]


def test_pulumi_yaml_declares_exactly_the_settings() -> None:
    assert list(declared()) == list(FIELDS)


@pytest.mark.parametrize("key", FIELDS)
def test_pulumi_yaml_says_what_the_setting_says(key: str) -> None:
    field, entry = FIELDS[key], declared()[key]
    assert (entry["type"], entry["description"]) == (pulumi_type(field), field.description)
    empty: Any = [] if entry["type"] == "array" else ""
    # A list is a tuple there.
    assert entry["default"] == (empty if field.is_required() else json.loads(json.dumps(field.default)))


@pytest.mark.parametrize("path", STACK_FILES, ids=stack_name)
def test_a_stack_sets_only_settings_that_exist(path: Path) -> None:
    assert {key for key in load(path) if key.startswith("baler:")} <= set(FIELDS)


@pytest.mark.parametrize("path", ON_AWS, ids=stack_name)
def test_a_stack_on_aws_trusts_nobody_until_told_and_says_how(path: Path) -> None:
    required = [key for key, field in FIELDS.items() if field.is_required()]
    assert not set(required) & set(load(path))
    for key in required:
        assert key in path.read_text()


@pytest.mark.parametrize("path", ON_AWS, ids=stack_name)
def test_everything_of_a_stack_on_aws_is_tagged_with_where_it_comes_from(path: Path) -> None:
    assert load(path)["aws:defaultTags"]["tags"] == {
        "project": "baler",
        "stack": stack_name(path),
        "managed-by": "pulumi",
    }


def test_the_local_stack_reaches_every_service_on_this_machine() -> None:
    (endpoints,) = load(PROJECT_DIR / "Pulumi.local.yaml")["aws:endpoints"]
    everything = "cloudwatch dynamodb ec2 events iam kms lambda logs s3 s3control sns sqs sts"
    assert set(endpoints) == set(everything.split())
    assert set(endpoints.values()) == {"http://localhost:4566"}


@pytest.mark.parametrize("path", ON_AWS, ids=stack_name)
def test_a_stack_on_aws_has_no_endpoints_or_credentials_of_its_own(path: Path) -> None:
    assert {key for key in load(path) if key.startswith("aws:")} == {"aws:region", "aws:defaultTags"}
