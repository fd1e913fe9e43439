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
    """Put a parameter with its value, in place of the one that an earlier deployment put."""
    parameter_name = physical_name(name, inputs, longest=1011)
    definition = inputs.renamed(description="Description", tier="Tier", type="Type", insecureValue="Value")
    tags = inputs.take("tags", {})

    def create(aws: Endpoint) -> Created:
        # Systems Manager takes no tags where it may overwrite (API reference, PutParameter).
        aws.parameters.put_parameter(Name=parameter_name, Overwrite=True, **definition)
        if tags:
            aws.parameters.add_tags_to_resource(
                ResourceType="Parameter", ResourceId=parameter_name, Tags=tag_list(tags)
            )
        return Created(parameter_name, {"name": parameter_name, "tagsAll": tags})

    return create
