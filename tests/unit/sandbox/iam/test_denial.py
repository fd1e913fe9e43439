"""baler_iam.denial: AWS's words and codes, and what the sandbox reports beside them."""

from __future__ import annotations

import pytest
from baler_iam.access import Access
from baler_iam.denial import code_and_status, message, refusal
from baler_iam.evaluator import Verdict

ROLE = "arn:aws:sts::000000000000:assumed-role/function/session"
GET = Access("s3:GetObject", "arn:aws:s3:::b/k", "000000000000")
SEND = Access("sqs:SendMessage", "arn:aws:sqs:eu-west-2:000000000000:q", "000000000000")


@pytest.mark.parametrize(
    ("access", "verdict", "told"),
    [
        (
            GET,
            Verdict("ImplicitlyDenied", "identity-based"),
            (
                'to perform: s3:GetObject on resource: "arn:aws:s3:::b/k" '
                "because no identity-based policy allows the s3:GetObject action"
            ),
        ),
        (
            SEND,
            Verdict("ExplicitlyDenied", "resource-based", "Refuse"),
            (
                "to perform: sqs:SendMessage on resource: arn:aws:sqs:eu-west-2:000000000000:q "
                "with an explicit deny in a resource-based policy"
            ),
        ),
        (
            SEND,
            Verdict("ExplicitlyDenied", "identity-based", "Refuse"),
            (
                "to perform: sqs:SendMessage on resource: arn:aws:sqs:eu-west-2:000000000000:q "
                "with an explicit deny in an identity-based policy"
            ),
        ),
    ],
)
def test_a_denial_says_what_aws_says(access: Access, verdict: Verdict, told: str) -> None:
    assert message(ROLE, access, verdict) == f"User: {ROLE} is not authorized {told}"


def test_whoever_has_no_credentials_is_told_nothing() -> None:
    assert message(None, GET, Verdict("ImplicitlyDenied", "resource-based")) == "Access Denied"


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        (
            Verdict("ExplicitlyDenied", "resource-based", "Refuse"),
            "statement Refuse of a resource-based policy denies it",
        ),
        (Verdict("ImplicitlyDenied", "identity-based"), "no identity-based policy allows it"),
        (
            Verdict("ImplicitlyDenied", "identity-based", "PutFiles"),
            "no identity-based policy allows it (statement PutFiles would, but for its condition)",
        ),
    ],
)
def test_a_refusal_names_the_statement_that_decided(verdict: Verdict, reason: str) -> None:
    assert refusal(ROLE, GET, verdict).to_json() == {
        "principal": ROLE,
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/k",
        "reason": reason,
    }


def test_each_service_refuses_with_its_own_code() -> None:
    assert code_and_status("s3") == ("AccessDenied", 403)
    assert code_and_status("sns") == ("AuthorizationError", 403)
    assert code_and_status("dynamodb") == ("AccessDeniedException", 400)
