"""What a stack can set of the event stream: every key with its unit, default and bounds, and the rules.

Pulumi.yaml repeats names, types, defaults and descriptions for the Pulumi CLI; `make docs` writes them there.
`components/settings/stack.py` reads a stack into this model.
"""

from pydantic import ConfigDict

from components.events.compactor_settings import CompactorSettings
from components.events.party_settings import PartySettings
from components.settings.model import with_prefix


# The fields of the last base come first.
class EventsSettings(CompactorSettings, PartySettings):
    """The parties, the stream, the functions that read it, and how long what they write is kept."""

    model_config = ConfigDict(alias_generator=with_prefix("events"))
