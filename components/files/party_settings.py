"""Who may do what with a stack's files."""

from typing import Annotated

from pydantic import Field

from components.settings.model import SettingsModel
from components.settings.types import (
    NETWORK_EXAMPLE,
    PRINCIPAL_EXAMPLE,
    KeyPrefix,
    Networks,
    OperatorArns,
    PrincipalArn,
)


class PartySettings(SettingsModel):
    """The external party, the consumer, and the people who look after the stack."""

    external_party_principal_arn: Annotated[PrincipalArn, Field(examples=[PRINCIPAL_EXAMPLE])]
    """Who may put files: ARN of the external party's role, user or account root. Required."""

    external_party_source_cidrs: Annotated[Networks, Field(examples=[NETWORK_EXAMPLE])]
    """Networks in CIDR notation from which the external party puts files. Required; /0 is refused."""

    external_party_external_id: str = ""
    """External id that the external party names when it assumes its role. Empty asks for none."""

    external_party_prefix: KeyPrefix = ""
    """What the keys of the external party's files begin with, up to a slash. Empty lets it use any key."""

    consumer_principal_arn: Annotated[PrincipalArn, Field(examples=[PRINCIPAL_EXAMPLE])]
    """Who may empty the mailbox: ARN of the on-premises consumer's role, user or account root. Required."""

    consumer_standby: bool = False
    """Whether several consumers stand by for one another, of which one works: makes the table of their lease."""

    operator_principal_arns: Annotated[OperatorArns, Field(examples=[PRINCIPAL_EXAMPLE])] = ()
    """Who may look into the buckets, replay and repair: ARNs of people's roles or users. Empty lets nobody."""

    @property
    def consumer_account(self) -> str:
        """The account of whoever assumes the consumer's role."""
        return self.consumer_principal_arn.split(":")[4]
