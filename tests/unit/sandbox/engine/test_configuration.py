from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.engine.configuration import stack_config
from sandbox.engine.errors import ConfigurationError

WriteProject = Callable[..., Path]

PROJECT = """
    name: baler
    runtime: python
    config:
      baler:days: {type: integer, default: 7}
      baler:keep: {type: boolean, default: true}
      networks: {type: array, items: {type: string}, default: []}
      baler:owner: {type: string}
      aws:region: {value: eu-west-2}
"""


def test_what_the_stack_does_not_set_has_the_projects_default_as_text(write_project: WriteProject) -> None:
    folder = write_project(project=PROJECT, stack="config: {}")

    assert stack_config(folder, "test", {}) == {
        "baler:days": "7",
        "baler:keep": "true",
        "baler:networks": "[]",
        "aws:region": "eu-west-2",
    }


def test_a_stack_file_wins_over_defaults_and_an_override_over_both(write_project: WriteProject) -> None:
    folder = write_project(project=PROJECT, stack="config: {baler:days: 8, baler:owner: us, aws:region: eu-west-1}")

    config = stack_config(folder, "test", {"owner": "them"})

    assert config["baler:days"] == "8"
    assert config["baler:owner"] == "them"
    assert config["aws:region"] == "eu-west-1"


def test_structures_become_json_and_booleans_lower_case(write_project: WriteProject) -> None:
    folder = write_project(
        project=PROJECT,
        stack="config: {baler:keep: false, networks: [10.0.0.0/8, 192.168.0.0/16], aws:endpoints: [{s3: here}]}",
    )

    config = stack_config(folder, "test", {})

    assert config["baler:keep"] == "false"
    assert config["baler:networks"] == '["10.0.0.0/8","192.168.0.0/16"]'
    assert config["aws:endpoints"] == '[{"s3":"here"}]'


def test_a_number_given_as_text_is_a_number_for_the_cli_too(write_project: WriteProject) -> None:
    folder = write_project(project=PROJECT, stack="config: {baler:days: '9'}")

    assert stack_config(folder, "test", {})["baler:days"] == "9"


@pytest.mark.parametrize(
    ("key", "value"),
    [("days", "many"), ("days", 1.5), ("days", True), ("keep", "yes"), ("networks", "10.0.0.0/8"), ("owner", 5)],
)
def test_a_value_of_another_type_than_declared_is_refused_by_its_key(
    write_project: WriteProject, key: str, value: object
) -> None:
    folder = write_project(project=PROJECT, stack="config: {}")

    with pytest.raises(ConfigurationError, match=f"baler:{key} is {value!r}"):
        stack_config(folder, "test", {key: value})


def test_a_missing_stack_file_is_named(write_project: WriteProject) -> None:
    with pytest.raises(ConfigurationError, match=r"no Pulumi\.other\.yaml"):
        stack_config(write_project(), "other", {})


def test_an_encrypted_value_is_refused(write_project: WriteProject) -> None:
    folder = write_project(stack="config: {baler:token: {secure: AAAB}}")

    with pytest.raises(ConfigurationError, match="baler:token is encrypted"):
        stack_config(folder, "test", {})


@pytest.mark.parametrize("document", ["config: [", "- a list"])
def test_a_stack_file_that_is_no_mapping_is_named(write_project: WriteProject, document: str) -> None:
    with pytest.raises(ConfigurationError, match=r"Pulumi\.test\.yaml"):
        stack_config(write_project(stack=document), "test", {})


@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        ("baler:days: {type: integer, default: soon}", "no integer"),
        ("baler:days: {default: 1, value: 2}", "both a 'default' and a 'value'"),
        ("baler:networks: {type: array, default: []}", "say of what in 'items'"),
        ("aws:region: {type: string, default: eu-west-2}", "another namespace"),
        ("baler:token: {type: string, secret: true}", "encrypted"),
    ],
)
def test_a_declaration_that_the_cli_would_refuse_is_refused(
    write_project: WriteProject, declaration: str, message: str
) -> None:
    folder = write_project(project=f"name: baler\nruntime: python\nconfig: {{{declaration}}}\n")

    with pytest.raises(ConfigurationError, match=message):
        stack_config(folder, "test", {})
