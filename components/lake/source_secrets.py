"""Secrets of the sources that want to know who asks: one each, whose value people put in."""

from collections.abc import Sequence

import pulumi

from baler.lake.sources import Source
from components.blocks.policy_document import Statement
from components.blocks.secret import Secret


class SourceSecrets:
    """A secret for each source that declares headers."""

    def __init__(self, name: str, sources: Sequence[Source], opts: pulumi.ResourceOptions) -> None:
        """Declare them.

        Args:
            name: logical name; those of the secrets end with the source's.
            sources: all that are declared.
            opts: of each secret.
        """
        self._secrets = {
            source.name: Secret(
                f"{name}-{source.name}",
                description=f"Headers of the source {source.name}: a JSON object with "
                f"{', '.join(dict.fromkeys(header.key for header in source.headers))}.",
                opts=opts,
            )
            for source in sources
            if source.headers
        }
        self.arns: dict[str, pulumi.Output[str]] = {name: secret.arn for name, secret in self._secrets.items()}
        """ARNs by the names of sources."""

    def grant_read(self) -> list[Statement]:
        """Read the values; nothing where no source has one."""
        if not self.arns:
            return []
        action = "secretsmanager:GetSecretValue"
        return [
            {"Sid": "ReadSecrets", "Effect": "Allow", "Action": [action], "Resource": list(self.arns.values())},
        ]

    def restrict(self, *, reader_role_arn: pulumi.Input[str]) -> list[pulumi.Resource]:
        """Let one role alone read them, from anywhere: the wing has no network. Call it once."""
        return [secret.restrict(reader_role_arn=reader_role_arn, vpc_ids=[]) for secret in self._secrets.values()]
