"""Where the lake's functions run: in Lambda's own network, whatever the stack has for others."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.blocks.policy_document import Statement


class LambdasNetwork:
    """No private network: the document has none, and ingestion asks APIs on the internet (decision 51)."""

    @property
    def routes(self) -> Sequence[pulumi.Resource]:
        """Nothing must be there before a function runs."""
        return ()

    def vpc_config(self) -> aws.lambda_.FunctionVpcConfigArgs | None:
        """Return no place in a private network."""
        return None

    def grant_connect(self) -> list[Statement]:
        """Let Lambda connect nothing."""
        return []
