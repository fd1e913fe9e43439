"""The stack files set only what there is, and say how to make them one's own."""

import subprocess
from typing import Any

import pytest
import yaml
from harness.recorded_program import required_settings
from harness.shipped_stacks import SHIPPED

from components.pipelines import SETTINGS
from components.settings.model import qualified
from components.settings.shared import SharedSettings
from sandbox.engine.program import PROJECT_DIR

FIELDS = {
    qualified(str(field.alias)): field
    for model in (SharedSettings, *SETTINGS.values())
    for field in model.model_fields.values()
}
REQUIRED_KEYS = {key for key, field in FIELDS.items() if field.is_required()}


def config_of(text: str) -> dict[str, Any]:
    return yaml.safe_load(text).get("config") or {}


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
    asked = {key.replace("filesConsumerOverInternet", "onPremisesCidrs") for key in required_settings(stack)}
    assert any(all(key in text for key in asked) for text in texts(stack))


def test_the_local_stack_reaches_every_service_on_this_machine() -> None:
    (endpoints,) = config_of(versions("local")[-1])["aws:endpoints"]
    everything = (
        "athena cloudwatch dynamodb ec2 events glue iam kinesis kms lambda logs s3 s3control secretsmanager sns"
    )
    assert set(endpoints) == {*everything.split(), "sqs", "sts"}
    assert set(endpoints.values()) == {"http://localhost:4566"}
