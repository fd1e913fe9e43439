"""Who may do what with a stack's files, and how the consumer comes in."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from components.files.delivery_settings import PULLED, belongs_to
from components.files.landing_prefixes import LandingPrefixes
from components.settings.model import PipelineSettings, shared
from components.settings.secret import CAN_BE_SECRET
from components.settings.types import (
    NETWORK_EXAMPLE,
    PRINCIPAL_EXAMPLE,
    KeyPrefix,
    Networks,
    PrincipalArn,
    PrincipalArnOrNothing,
    unset,
)


class PartySettings(PipelineSettings):
    """The external party and the consumer."""

    external_party_principal_arn: Annotated[PrincipalArn, CAN_BE_SECRET, Field(examples=[PRINCIPAL_EXAMPLE])]
    """Who may put files: ARN of the external party's role, user or account root. Required."""

    external_party_source_cidrs: Annotated[Networks, CAN_BE_SECRET, Field(examples=[NETWORK_EXAMPLE])]
    """Networks in CIDR notation from which the external party puts files. Required; /0 is refused."""

    external_party_external_id: Annotated[str, CAN_BE_SECRET] = ""
    """External id that the external party names when it assumes its role. Empty asks for none."""

    external_party_prefix: Annotated[KeyPrefix, CAN_BE_SECRET] = ""
    """What the keys of the external party's files begin with, up to a slash. Empty lets it use any key."""

    landing_prefixes: LandingPrefixes = ()
    """Two to ten key prefixes, each with a queue of its own; other keys are refused. Empty: one queue for any key."""

    consumer_principal_arn: Annotated[PrincipalArnOrNothing, CAN_BE_SECRET, Field(examples=[PRINCIPAL_EXAMPLE])] = ""
    """Who may empty the mailbox: ARN of the on-premises consumer's role, user or account root. Required with pull."""

    consumer_standby: bool = False
    """Whether several consumers stand by for one another, of which one works: makes the table of their lease."""

    consumer_over_internet: bool = False
    """Accept that the consumer comes over the internet, in a stack with protectData and without onPremisesCidrs."""

    @property
    def lanes(self) -> int:
        """How many queues share the files."""
        return max(1, len(self.landing_prefixes))

    @property
    def consumer_account(self) -> str:
        """The account of whoever assumes the consumer's role."""
        return self.consumer_principal_arn.split(":")[4]

    @field_validator("landing_prefixes")
    @classmethod
    def _one_setting_says_where_files_are_put(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if value and info.data.get("external_party_prefix"):
            raise unset(
                "filesExternalPartyPrefix",
                "baler:filesLandingPrefixes says where the external party puts its files; write all of a prefix there",
                "",
                state="is set",
            )
        return value

    @field_validator("consumer_principal_arn")
    @classmethod
    def _somebody_pulls(cls, value: str, info: ValidationInfo) -> str:
        required = "it says who may empty the mailbox, which a consumer does with baler:filesDelivery pull"
        belongs_to(cls, value, info, PULLED, required=required)
        return value

    @field_validator("consumer_standby", "consumer_over_internet")
    @classmethod
    def _only_a_consumer_has_it(cls, value: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - pydantic's
        belongs_to(cls, value, info, PULLED)
        return value

    @field_validator("consumer_over_internet")
    @classmethod
    def _the_internet_is_a_decision(cls, value: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - pydantic's
        pulled = info.data.get("delivery") in PULLED
        if pulled and not value and shared(info).get("protect_data") and shared(info).get("on_premises_cidrs") == ():
            raise unset(
                "onPremisesCidrs",
                "baler:protectData is true, and without it the consumer comes over the internet. If it may: pulumi "
                "config set baler:filesConsumerOverInternet true",
                NETWORK_EXAMPLE,
            )
        return value
