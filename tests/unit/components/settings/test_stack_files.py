"""Pulumi.yaml and the stack files say what the settings say."""

import json
import subprocess
from typing import Any, Literal, get_args, get_origin

import pytest
import yaml
from harness.recorded_program import required_settings
from harness.shipped_stacks import SHIPPED
from pydantic.fields import FieldInfo

from components.files.settings import Settings
from sandbox.engine.program import PROJECT_DIR

FIELDS = {f"baler:{field.alias}": field for field in Settings.model_fields.values()}
REQUIRED_KEYS = {key for key, field in FIELDS.items() if field.is_required()}


def config_of(text: str) -> dict[str, Any]:
    return yaml.safe_load(text).get("config") or {}


def declared() -> dict[str, Any]:
    return config_of((PROJECT_DIR / "Pulumi.yaml").read_text())


def versions(stack: str) -> list[str]:
    """The stack's file as it is and as it was committed, each where there is one."""
    path = PROJECT_DIR / f"Pulumi.{stack}.yaml"
    found = [path.read_text()] if path.exists() else []
    shown = subprocess.run(["git", "show", f"HEAD:./{path.name}"], cwd=PROJECT_DIR, capture_output=True, check=False)
    return [*found, *([shown.stdout.decode()] if shown.returncode == 0 else [])]


def texts(stack: str) -> list[str]:
    """Those versions that are nobody's own.

    A file is a team's own once it trusts somebody, or has what the Pulumi CLI writes beside the configuration.
    """
    return [
        text
        for text in versions(stack)
        if set(yaml.safe_load(text)) == {"config"} and not REQUIRED_KEYS & set(config_of(text))
    ]


def files_of_nobody(*stacks: str) -> list[str]:
    return [stack for stack in stacks if texts(stack)]


def pulumi_type(field: FieldInfo) -> str:
    annotation: Any = field.annotation
    if get_origin(annotation) is tuple:
        return "array"
    values = get_args(annotation) if get_origin(annotation) is Literal else ()
    return {bool: "boolean", int: "integer", str: "string"}[type(values[0]) if values else annotation]


def test_pulumi_yaml_declares_exactly_the_settings() -> None:
    assert list(declared()) == list(FIELDS)


@pytest.mark.parametrize("key", FIELDS)
def test_pulumi_yaml_says_what_the_setting_says(key: str) -> None:
    field, entry = FIELDS[key], declared()[key]
    assert (entry["type"], entry["description"]) == (pulumi_type(field), field.description)
    empty: Any = [] if entry["type"] == "array" else ""
    # A list is a tuple there.
    assert entry["default"] == (empty if field.is_required() else json.loads(json.dumps(field.default)))


@pytest.mark.parametrize("stack", SHIPPED)
def test_a_stack_sets_only_settings_that_exist(stack: str) -> None:
    assert {key for key in SHIPPED[stack] if key.startswith("baler:")} <= set(FIELDS)


@pytest.mark.parametrize("stack", SHIPPED)
def test_a_stack_on_aws_trusts_nobody_and_has_no_endpoints_or_credentials_of_its_own(stack: str) -> None:
    assert not REQUIRED_KEYS & set(SHIPPED[stack])
    assert {key for key in SHIPPED[stack] if key.startswith("aws:")} == {"aws:region", "aws:defaultTags"}


@pytest.mark.parametrize("stack", SHIPPED)
def test_everything_of_a_stack_on_aws_is_tagged_with_where_it_comes_from(stack: str) -> None:
    tags = {"project": "baler", "stack": stack, "managed-by": "pulumi"}
    assert SHIPPED[stack]["aws:defaultTags"] == {"tags": tags}


@pytest.mark.parametrize("stack", files_of_nobody(*SHIPPED))
def test_a_stack_file_that_is_nobodys_own_yet_is_the_one_that_the_tests_know(stack: str) -> None:
    # An edit is right before its commit, and a commit under whatever `pulumi config set` has done to the file since.
    assert SHIPPED[stack] in [config_of(text) for text in texts(stack)]


@pytest.mark.parametrize("stack", files_of_nobody(*SHIPPED))
def test_a_stack_file_that_is_nobodys_own_yet_says_how_to_make_it_so(stack: str) -> None:
    asked = {key.replace("consumerOverInternet", "onPremisesCidrs") for key in required_settings(stack)}
    assert any(all(key in text for key in asked) for text in texts(stack))


def test_the_local_stack_reaches_every_service_on_this_machine() -> None:
    (endpoints,) = config_of(versions("local")[-1])["aws:endpoints"]
    everything = "cloudwatch dynamodb ec2 events iam kms lambda logs s3 s3control sns sqs sts"
    assert set(endpoints) == set(everything.split())
    assert set(endpoints.values()) == {"http://localhost:4566"}
