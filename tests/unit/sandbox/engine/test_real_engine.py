"""What Pulumi's own engine does beyond ours, as far as the program alone decides how that ends.

It runs the program again and again, in processes of their own; it writes what it is told into the stack's state; and in
a preview it tells the program nothing of what is not there yet.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, cast
from unittest import mock

import pytest
from harness.recorded_program import record_program
from harness.updates import UpdatedStack, early
from pulumi.output import Unknown
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockMonitor

from sandbox.engine import program
from sandbox.engine.program import PROJECT_DIR

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.recorded_program import Resource

# The most that a stack can have: the line to the premises, and all that comes with it.
CONNECTED = {"baler:onPremisesCidrs": ["192.168.0.0/16"], "baler:vpnGatewayAddress": "198.41.0.4"}

# Prints all that the engine compares with the state; the order of what a resource depends on is none of it. Where the
# functions' package lies is up to the recorder, which puts an empty one into a folder of its own.
DECLARE = """
import json, sys
from harness.recorded_program import record_program
print(json.dumps({
    each.urn: [each.inputs, each.parent, sorted(each.depends_on), each.protected, sorted(each.ignored),
               {key: sorted(urns) for key, urns in each.refers.items()}]
    for each in record_program("prod", json.loads(sys.argv[1])).resources
}, default=lambda archive: type(archive).__name__))
"""


def declared(seed: str) -> dict[str, Any]:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(PROJECT_DIR / "tests")}
    command = [sys.executable, "-c", DECLARE, json.dumps(CONNECTED)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def test_a_second_update_finds_nothing_to_do() -> None:
    first, second = declared(seed="1"), declared(seed="2")

    assert len(first) > 100
    assert second == first


def test_an_update_after_a_changed_setting_changes_what_the_setting_is_about_and_nothing_else() -> None:
    first, second = record_program("prod"), record_program("prod", {"baler:logRetentionDays": 30})

    update = [moment.after for moment in UpdatedStack(first).update(second, [early()])]

    groups = [f"update {group.type} {group.name}" for group in first.all("cloudwatch/logGroup:LogGroup")]
    assert sorted(update) == sorted(groups)
    assert {group.inputs["retentionInDays"] for group in second.all("cloudwatch/logGroup:LogGroup")} == {30}


SECRETS: dict[str, Any] = {
    "baler:alarmSubscriptions": ["https://alarms.example.org/s3cret", "s3cret@example.org"],
    "baler:filesExternalPartyExternalId": "s3cret",
    "baler:filesExternalPartyPrefix": "s3cret/",
}


def plain_texts(value: Any) -> Iterator[str]:
    """Yield every text that would stand in the state as it is."""
    if rpc.is_rpc_secret(value):
        return
    if isinstance(value, dict):
        for key, item in cast("dict[str, Any]", value).items():
            yield from (key, *plain_texts(item))
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from plain_texts(item)
    else:
        yield str(value)


def test_a_secret_setting_is_in_the_state_as_a_secret_alone() -> None:
    """Set as `pulumi config set --secret` sets it; components and the stack tell the state outputs of their own."""
    told: list[tuple[str, dict[str, Any]]] = []

    def register_outputs(_monitor: MockMonitor, request: Any) -> Any:
        told.append((request.urn, rpc.deserialize_properties(request.outputs)))
        return mock.DEFAULT

    def set_all_config(config: dict[str, str], _secret_keys: list[str]) -> None:
        given(config, [*SECRETS])

    given = program.set_all_config
    with (
        mock.patch.object(program, "set_all_config", set_all_config),
        mock.patch.object(MockMonitor, "RegisterResourceOutputs", autospec=True, side_effect=register_outputs),
    ):
        deployed = record_program("prod", SECRETS)

    told += [(resource.urn, resource.inputs) for resource in deployed.resources]
    assert any(urn.endswith("::pulumi:pulumi:Stack::baler-prod") for urn, _ in told)
    assert any(rpc.is_rpc_secret(value) for _, values in told for value in values.values())
    assert [(urn, text) for urn, values in told for text in plain_texts(values) if "s3cret" in text] == []


@pytest.mark.parametrize(("stack", "settings"), [("dev", {}), ("prod", CONNECTED)])
def test_a_preview_that_knows_no_outputs_declares_what_is_deployed_but_for_them(
    stack: str, settings: Mapping[str, Any]
) -> None:
    previewed = {each.urn: each for each in record_program(stack, settings, preview=True).resources}
    deployed = {each.urn: each for each in record_program(stack, settings).resources}

    assert previewed.keys() == deployed.keys()
    for urn, resource in previewed.items():
        assert _fixed(resource) == _fixed(deployed[urn])
        assert _agrees(_known(resource.inputs), _known(deployed[urn].inputs)), urn


def _fixed(resource: Resource) -> tuple[object, ...]:
    """Return what Pulumi is told of a resource beside its inputs."""
    return (resource.parent, resource.protected, resource.ignored, sorted(resource.depends_on))


def _known(inputs: Mapping[str, Any]) -> Any:
    """Return inputs as JSON, null where a value is not known yet."""
    return json.loads(json.dumps(inputs, default=_as_json))


def _as_json(value: object) -> Any:
    return None if isinstance(value, Unknown) else vars(value)


def _agrees(known: Any, deployed: Any) -> bool:
    """Whether all that a preview knows of a value is so once it is deployed."""
    if isinstance(known, dict) and isinstance(deployed, dict):
        parts, there = cast("dict[str, Any]", known), cast("dict[str, Any]", deployed)
        return all(_agrees(value, there.get(key)) for key, value in parts.items())
    if isinstance(known, list) and isinstance(deployed, list):
        items, beside = cast("list[Any]", known), cast("list[Any]", deployed)
        return len(items) == len(beside) and all(map(_agrees, items, beside))
    return known is None or bool(known == deployed)
