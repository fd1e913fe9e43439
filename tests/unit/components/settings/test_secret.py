"""What a stack keeps as a secret is nowhere in what Pulumi is given as plain text."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import pulumi
import pytest
from pulumi.runtime import rpc

from components.pipelines import SETTINGS
from components.settings.secret import can_be_secret
from components.settings.shared import SharedSettings

if TYPE_CHECKING:
    from conftest import Deploy, Deployed

VALUES: dict[str, Any] = {
    "alarmSubscriptions": ["https://alarms.example.org/s3cret-1", "s3cret-2@example.org"],
    "eventsAnalystPrincipalArns": ["arn:aws:iam::654321098765:role/s3cret-9"],
    "eventsProducerPrincipalArn": "arn:aws:iam::543210987654:role/s3cret-10",
    "filesConsumerPrincipalArn": "arn:aws:iam::987654321098:role/s3cret-3",
    "filesExternalPartyExternalId": "s3cret-4",
    "filesExternalPartyPrefix": "s3cret-5/",
    "filesExternalPartyPrincipalArn": "arn:aws:iam::876543210987:role/s3cret-6",
    "filesExternalPartySourceCidrs": ["198.51.100.77/32"],
    "operatorPrincipalArns": ["arn:aws:iam::765432109876:role/s3cret-7"],
    "pageSubscriptions": ["https://pager.example.org/s3cret-8"],
}
BOTH = {"baler:pipelines": ["files", "events"]}
TELLING = ("s3cret", "987654321098", "876543210987", "765432109876", "654321098765", "543210987654", "198.51.100.77")


def plain(value: Any) -> Iterator[str]:
    """Yield every text in an input that Pulumi would not encrypt."""
    if rpc.is_rpc_secret(value):
        return
    if isinstance(value, dict):
        for key, item in cast("dict[str, Any]", value).items():
            yield from (key, *plain(item))
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from plain(item)
    else:
        yield str(value)


@pytest.fixture
def deployed(deploy: "Deploy", monkeypatch: pytest.MonkeyPatch) -> "Deployed":
    """A stack with everything that can be secret, the endpoints of its consumer included."""
    monkeypatch.setattr(pulumi.runtime, "is_config_secret", {f"baler:{key}" for key in VALUES}.__contains__)
    settings = {f"baler:{key}": value for key, value in VALUES.items()}
    return deploy("prod", settings={**settings, **BOTH, "baler:onPremisesCidrs": ["10.20.0.0/16"]})


def test_everything_that_can_be_secret_is_tried_here() -> None:
    models = (SharedSettings, *SETTINGS.values())
    fields = [field for model in models for field in model.model_fields.values()]
    assert set(VALUES) == {field.alias for field in fields if can_be_secret(field)}


def test_a_secret_setting_is_secret_in_every_resource_that_it_goes_into(deployed: "Deployed") -> None:
    for resource in deployed.resources:
        shown = [resource.name, *(text for value in resource.inputs.values() for text in plain(value))]
        assert not [text for text in shown for secret in TELLING if secret in text], resource.name


def test_a_secret_subscriber_is_told_at_its_address(deployed: "Deployed") -> None:
    endpoints = [each.inputs["endpoint"] for each in deployed.all("sns/topicSubscription:TopicSubscription")]
    assert all(rpc.is_rpc_secret(endpoint) for endpoint in endpoints)
    told = {rpc.unwrap_rpc_secret(endpoint) for endpoint in endpoints}
    assert told == {*VALUES["alarmSubscriptions"], *VALUES["pageSubscriptions"]}


def test_a_secret_external_id_is_in_a_secret_policy_and_in_force(deployed: "Deployed") -> None:
    policy = deployed.one("iam/role:Role", "files-external-party").inputs["assumeRolePolicy"]
    assert rpc.is_rpc_secret(policy)
    assert '"sts:ExternalId": "s3cret-4"' in rpc.unwrap_rpc_secret(policy)


def test_nothing_of_a_secret_is_in_what_the_stack_says_of_itself(deployed: "Deployed") -> None:
    said = deployed.one("ssm/parameter:Parameter", "outputs").inputs["insecureValue"]
    assert not rpc.is_rpc_secret(said)
    assert not [secret for secret in TELLING if secret in said]


def test_what_is_no_secret_stays_readable(deploy: "Deploy") -> None:
    deployed = deploy("staging", settings={**BOTH, **{f"baler:{key}": value for key, value in VALUES.items()}})
    shown = {text for resource in deployed.resources for value in resource.inputs.values() for text in plain(value)}
    assert all(any(secret in text for text in shown) for secret in TELLING)
