"""What a stack can set of the files pipeline: every key with its unit, default and bounds, and the rules.

Pulumi.yaml repeats names, types, defaults and descriptions for the Pulumi CLI; `make docs` writes them there.
`components/settings/stack.py` reads a stack into this model.
"""

from typing import Annotated

from pydantic import ConfigDict, Field

from components.files.aggregator_settings import AggregatorSettings
from components.files.courier_settings import CourierSettings
from components.files.delivery_settings import DeliverySettings
from components.files.party_settings import PartySettings
from components.files.receiver_settings import ReceiverSettings
from components.settings.model import with_prefix


# The fields of the last base come first.
class FilesSettings(CourierSettings, ReceiverSettings, AggregatorSettings, PartySettings, DeliverySettings):
    """The delivery, the parties, the functions and what they work on, and here the load that is expected."""

    model_config = ConfigDict(alias_generator=with_prefix("files"))

    expected_per_second: Annotated[int, Field(ge=1, le=10_000)] = 10
    """Files per second that are normal: an hour's worth that waits, or 10 times as many for 5 minutes, is alarming."""

    mailbox_wait_seconds: Annotated[int, Field(ge=10, le=86_400)] = 900
    """Longest that a bundle may wait in the mailbox, in seconds, before whoever takes it counts as down."""

    silence_minutes: Annotated[int, Field(ge=0, le=1440)] = 0
    """Minutes without a file after which the external party counts as silent. 0 takes any silence for granted."""
