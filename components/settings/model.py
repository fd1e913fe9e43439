"""How the parts of the settings are modelled."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class SettingsModel(BaseModel):
    """Settings, checked alone and against each other.

    A field's alias is the key in the stack file below `baler:`, its docstring the description. A rule between two
    settings is checked at the one that comes later, when the earlier one is right, so that one run reports everything
    that is wrong.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, validate_default=True, use_attribute_docstrings=True
    )
