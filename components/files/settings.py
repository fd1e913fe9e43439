"""What a stack can set of the files pipeline: every key with its unit, default and bounds, and the rules.

Pulumi.yaml repeats names, types, defaults and descriptions for the Pulumi CLI; `make docs` writes them there.
`components/settings/stack.py` reads a stack into this model.
"""

from pydantic import ConfigDict

from components.files.aggregator_settings import AggregatorSettings
from components.files.courier_settings import CourierSettings
from components.files.delivery_settings import DeliverySettings
from components.files.load_settings import LoadSettings
from components.files.party_settings import PartySettings
from components.files.receiver_settings import ReceiverSettings
from components.settings.model import with_prefix


# The fields of the last base come first.
class FilesSettings(
    LoadSettings, CourierSettings, ReceiverSettings, AggregatorSettings, PartySettings, DeliverySettings
):
    """The delivery, the parties, the functions and what they work on, and the load that is expected."""

    model_config = ConfigDict(alias_generator=with_prefix("files"))
