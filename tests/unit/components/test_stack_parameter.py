"""What the program writes into the stack's parameter, and the command finds there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
import pytest
from harness.recorded_program import EVENTS, HTTP, LAKE

from baler.cli import stack_parameter as command
from baler.cli.stack_outputs import OPTIONS
from components.blocks import stack_parameter
from components.blocks.naming import LONGEST_STACK_NAME

if TYPE_CHECKING:
    from conftest import Deploy, Deployed

ALL: dict[str, Any] = {
    **EVENTS,
    **LAKE,
    "baler:pipelines": ["files", "events", "lake"],
    "baler:filesConsumerStandby": True,
    "baler:onPremisesCidrs": ["192.168.0.0/16"],
    "baler:vpnGatewayAddress": "198.41.0.4",
    "baler:lakeKeepVersions": True,
}
# https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
LARGEST = 8 * 1024


def document(deployed: Deployed) -> dict[str, Any]:
    [parameter] = deployed.all("ssm/parameter:Parameter")
    return parameter.document("insecureValue")


def test_the_parameter_has_the_outputs_that_are_texts_or_numbers_under_the_same_names(deploy: Deploy) -> None:
    deployed = deploy("prod", settings=ALL)
    assert document(deployed) == {name: each for name, each in deployed.exports.items() if isinstance(each, str | int)}


def test_the_command_looks_for_it_where_the_program_puts_it(prod: Deployed) -> None:
    [parameter] = prod.all("ssm/parameter:Parameter")
    assert parameter.inputs["name"] == stack_parameter.parameter_name("prod") == command.parameter_name("prod")


def test_every_output_that_a_command_asks_for_is_one_of_the_program(deploy: Deploy) -> None:
    pushed = {**ALL, **HTTP, "baler:filesConsumerStandby": False}
    said = [document(deploy("prod", settings=settings)) for settings in (ALL, pushed)]
    assert set(OPTIONS) - {name for each in said for name in each} == set()


@pytest.mark.parametrize("delivery", [{}, {**HTTP, "baler:filesConsumerStandby": False}], ids=["pull", "http"])
def test_it_fits_with_all_pipelines_and_the_longest_name(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch, delivery: dict[str, Any]
) -> None:
    monkeypatch.setattr(pulumi, "get_stack", lambda: "x" * LONGEST_STACK_NAME)
    [parameter] = deploy("prod", settings={**ALL, **delivery}).all("ssm/parameter:Parameter")
    # Names of regions differ by some ten letters, in some forty names.
    assert len(parameter.inputs["insecureValue"]) < LARGEST - 400
    assert parameter.inputs["tier"] == "Intelligent-Tiering"


def test_one_pipeline_alone_fits_into_what_is_free(deploy: Deploy) -> None:
    for pipeline in ({}, {**EVENTS, "baler:pipelines": ["events"]}, {"baler:pipelines": ["lake"]}):
        assert len(json.dumps(document(deploy("prod", settings=pipeline)))) < 4096
