"""What a stack can set of the data lake: every key with its unit, default and bounds, and the rules.

Pulumi.yaml repeats names, types, defaults and descriptions for the Pulumi CLI; `make docs` writes them there.
`components/settings/stack.py` reads a stack into this model.
"""

from pydantic import ConfigDict

from components.lake.retention_settings import RetentionSettings
from components.lake.site_settings import SiteSettings
from components.settings.model import with_prefix


# The fields of the last base come first.
class LakeSettings(SiteSettings, RetentionSettings):
    """The sources, the functions, the API, the dashboard, and how long what they write is kept."""

    model_config = ConfigDict(alias_generator=with_prefix("lake"))
