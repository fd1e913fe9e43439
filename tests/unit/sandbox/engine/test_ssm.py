from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.resources.creation import Created

    Create = Callable[..., Created]


def test_a_later_deployment_puts_a_parameter_in_the_place_of_the_earlier_one(aws: Endpoint, create: Create) -> None:
    inputs: dict[str, Any] = {
        "name": "/baler/test",
        "description": "names",
        "type": "String",
        "tier": "Intelligent-Tiering",
        "insecureValue": '{"region":"eu-west-2"}',
        "tags": {"project": "baler"},
    }
    create("aws:ssm/parameter:Parameter", inputs | {"insecureValue": "{}"})
    made = create("aws:ssm/parameter:Parameter", inputs)
    found = aws.parameters.get_parameter(Name=made.id)["Parameter"]
    assert (found["Name"], found["Type"], found["Value"]) == ("/baler/test", "String", '{"region":"eu-west-2"}')
