"""Who sends events, who queries them, and where they are kept a second time."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from components.settings.model import PipelineSettings
from components.settings.secret import CAN_BE_SECRET
from components.settings.types import PRINCIPAL_EXAMPLE, OperatorArns, PrincipalArn, refusal

_BUCKET: Final = re.compile(r"arn:aws(-[a-z]+)*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
BUCKET_EXAMPLE: Final = "arn:aws:s3:::<bucket in another region>"


def _bucket_arn_or_nothing(value: str) -> str:
    if value and not _BUCKET.fullmatch(value):
        raise refusal("it must be the ARN of one bucket, without wildcards", BUCKET_EXAMPLE)
    return value


class PartySettings(PipelineSettings):
    """The producer, the analysts, and the bucket of a second region."""

    producer_principal_arn: Annotated[PrincipalArn, CAN_BE_SECRET, Field(examples=[PRINCIPAL_EXAMPLE])]
    """Who may send events: ARN of the producer's role, user or account root. Required."""

    analyst_principal_arns: Annotated[OperatorArns, CAN_BE_SECRET, Field(examples=[PRINCIPAL_EXAMPLE])] = ()
    """Who may query events beside the operators: ARNs of people's roles or users. Empty lets nobody."""

    replica_bucket_arn: Annotated[str, AfterValidator(_bucket_arn_or_nothing), Field(examples=[BUCKET_EXAMPLE])] = ""
    """Versioned bucket of this account in another region that raw events are copied to. Empty copies nothing."""
