"""How AWS says no.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baler_iam.access import Access
    from baler_iam.evaluator import Verdict

# Services whose code is not AccessDenied, and the status that comes with it; the botocore service names.
_ANSWERS = {
    "dynamodb": ("AccessDeniedException", 400),
    "events": ("AccessDeniedException", 400),
    "kinesis": ("AccessDeniedException", 400),
    "kms": ("AccessDeniedException", 400),
    "lambda": ("AccessDeniedException", 403),
    "logs": ("AccessDeniedException", 400),
    "secretsmanager": ("AccessDeniedException", 400),
    "sns": ("AuthorizationError", 403),
    "ssm": ("AccessDeniedException", 400),
    "xray": ("AccessDeniedException", 403),
}
_OTHERS = ("AccessDenied", 403)


def code_and_status(service: str) -> tuple[str, int]:
    """Return the error's code and the HTTP status of a service that refuses."""
    return _ANSWERS.get(service, _OTHERS)


@dataclass(frozen=True)
class Refusal:
    """A request that was refused, as the sandbox reports it.

    Attributes:
        principal: ARN or service principal; `anonymous` without credentials.
        action: `s3:GetObject`, for example.
        resource: ARN, or "*".
        reason: what decided: the statement that refuses, or what kind of policy lacks one that allows.
    """

    principal: str
    action: str
    resource: str
    reason: str

    def to_json(self) -> dict[str, str]:
        """Return its attributes."""
        return asdict(self)


def refusal(principal: str | None, access: Access, verdict: Verdict) -> Refusal:
    """Return the report about a verdict that does not allow."""
    if verdict.result == "ExplicitlyDenied":
        reason = f"statement {verdict.statement} of {verdict.policy} denies it"
    else:
        reason = f"no {verdict.kind} policy allows it"
        if verdict.statement:
            reason += f" (statement {verdict.statement} would, but for its condition)"
    return Refusal(principal or "anonymous", access.action, access.resource, reason)


def message(principal: str | None, access: Access, verdict: Verdict) -> str:
    """Return AWS's words for a verdict that does not allow."""
    if principal is None:
        return "Access Denied"
    # S3 alone quotes it.
    resource = f'"{access.resource}"' if access.action.startswith("s3:") else access.resource
    if verdict.result == "ExplicitlyDenied":
        because = f"with an explicit deny in {verdict.policy}"
    else:
        because = f"because no {verdict.kind} policy allows the {access.action} action"
    return f"User: {principal} is not authorized to perform: {access.action} on resource: {resource} {because}"
