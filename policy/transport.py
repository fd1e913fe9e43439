"""What a resource's own policy must refuse, whoever asks: requests without TLS, or with an old one."""

from collections.abc import Iterator, Mapping
from typing import Any

from policy.documents import listed, statements
from policy.rule import Declared


def without_plain_refusal(declared: Declared, service: str) -> Iterator[str]:
    """Say so where the document does not refuse every request of the service that comes without TLS."""
    if not _refuses(declared, service, {"Bool": {"aws:SecureTransport": "false"}}):
        yield "It does not refuse requests without TLS: deny everybody everything where aws:SecureTransport is false."


def without_old_tls_refusal(declared: Declared) -> Iterator[str]:
    """Say so where a bucket's policy does not refuse TLS before 1.2."""
    if not _refuses(declared, "s3", {"NumericLessThan": {"s3:TlsVersion": "1.2"}}):
        yield "It does not refuse old TLS: deny everybody everything where s3:TlsVersion is less than 1.2."


def _refuses(declared: Declared, service: str, condition: Mapping[str, Any]) -> bool:
    return any(
        statement["Effect"] == "Deny"
        and statement.get("Principal") == "*"
        and listed(statement, "Action") == [f"{service}:*"]
        and statement.get("Condition") == condition
        for statement in statements(declared)
    )
