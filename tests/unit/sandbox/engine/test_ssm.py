from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.resources.creation import Created

    Create = Callable[..., Created]


def test_a_parameter_has_the_name_and_the_value_that_the_program_says(aws: Endpoint, create: Create) -> None:
    inputs = {
        "name": "/baler/test",
        "description": "names",
        "type": "String",
        "tier": "Intelligent-Tiering",
        "insecureValue": '{"region":"eu-west-2"}',
        "tags": {"project": "baler"},
    }
    made = create("aws:ssm/parameter:Parameter", inputs)
    found = aws.parameters.get_parameter(Name=made.id)["Parameter"]
    assert (found["Name"], found["Type"], found["Value"]) == ("/baler/test", "String", '{"region":"eu-west-2"}')
