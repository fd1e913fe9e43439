"""Parameters of Systems Manager."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.engine.naming import physical_name
from sandbox.engine.resources.creation import Created, Creation
from sandbox.engine.resources.tags import tag_list

if TYPE_CHECKING:
    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs


def parameter(name: str, inputs: Inputs) -> Creation:
    """Create a parameter with its value."""
    parameter_name = physical_name(name, inputs, longest=1011)
    definition = inputs.renamed(description="Description", tier="Tier", type="Type", insecureValue="Value")
    tags = inputs.take("tags", {})

    def create(aws: Endpoint) -> Created:
        aws.parameters.put_parameter(Name=parameter_name, Tags=tag_list(tags), **definition)
        return Created(parameter_name, {"name": parameter_name, "tagsAll": tags})

    return create
