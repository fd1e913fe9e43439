"""docs/security-controls.md names what exists."""

from __future__ import annotations

import re

import pytest

from policy.rules import RULES
from sandbox.engine.program import PROJECT_DIR

PAGE = (PROJECT_DIR / "docs" / "security-controls.md").read_text(encoding="utf-8")
ROWS = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| ") and " | where | " not in line]
# The controls of section 5 of requirement document 1, in its words, and what document 2 adds.
CONTROLS = [
    "Encryption-in-Transit",
    "Encryption-at-Rest",
    "Least Privilege IAM Roles",
    "Dedicated Consumer IAM Role",
    "Restricted Third-Party Access",
    "Private Network Egress",
    "Sanitized Application Logging",
    "End-to-End Data Hashing",
    "S3 Object Versioning",
    "Hardened S3 Bucket Policy",
    "IaC Integrity",
    "Decoupled, Buffered Ingestion",
    "Decoupled Pull-Based Distribution",
    "Scalability & Burst Handling",
    "Partial Batch Failure Handling",
    "Denial-of-Wallet Protection",
    "Dead-Letter Queue (DLQ)",
    # Of requirement document 2, what is its own.
    "Encryption-in-Transit to the receiver",
    "Encryption-at-Rest with AWS-managed keys",
    "Least Privilege of the courier",
    "Credentials in Secrets Manager (NFR-06)",
    "Secure VPC Egress",
    "Private channel (NFR-10)",
    "End-to-End Data Hashing to the receiver",
    "IaC Integrity of the courier",
    "Downstream Fault Tolerance (Circuit Breaker)",
    "Buffered Delivery",
    # Of the section on security of requirement document 5.
    "Encryption at Rest of events",
    "Encryption in Transit of events",
    "Separate Roles, Least Privilege, of events",
    "No Public Access, and Bucket Policies, of events",
    "Versioning of events",
    "Private Subnets and Endpoints of events",
    "Auditable Actions on events",
    "Retention of events",
    # What it does not ask for.
    "Hostile Records",
    "Sanitized Logging of events",
    "Each Event Once",
    "Denial-of-Wallet Protection of events",
    "Nothing lost by an Outage of events",
    # Of the section on security of requirement document 4.
    "Roles of the lake",
    "Encryption of the lake",
    "Secrets of sources",
    "No VPC of the lake",
    # What it does not ask for.
    "Immutable Raw Layer of the lake",
    "Addresses that may be asked",
    "Undeclared Fields stay in Raw",
    "The Dashboard's Bucket and Page",
    "Who asks the API, and how much",
    "Hostile Sources",
    "Sanitized Logging of the lake",
    "Each Record Once, and counted once",
    "Nothing lost by an Outage of the lake",
]


def test_every_control_of_section_5_has_its_row() -> None:
    assert [row[0].removeprefix("| ") for row in ROWS if not row[0].startswith("| ---")] == CONTROLS


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(tests/\S+::\w+)`", PAGE))))
def test_a_test_that_is_named_exists(name: str) -> None:
    path, _, test = name.partition("::")
    assert f"\ndef {test}(" in (PROJECT_DIR / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:components|runtime|operations|policy)/[\w/.]*)`", PAGE))))
def test_code_that_is_named_exists(path: str) -> None:
    assert (PROJECT_DIR / path).exists()


@pytest.mark.requirement("PUSH-INT-04")
def test_a_rule_that_is_named_exists() -> None:
    named = {rule for row in ROWS for cell in row for rule in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", cell)}
    assert named <= {rule.name for rule in RULES}
