"""The claim table: who bundles which file, and which bundle is done."""

from typing import Final

from components.blocks.policy_document import Statement
from components.blocks.table import ExpiringTable

# The item in which reconciliation notes how far it is (runtime/files/aws/reconciliation_progress.py; a test compares).
PROGRESS_KEY: Final = "reconciliation#progress"


class ClaimTable(ExpiringTable):
    """Claims and bundle records under one partition key, paid by request, recoverable to any second."""

    TYPE = "baler:claim_table:ClaimTable"

    def grant_claim(self) -> list[Statement]:
        """Make, look up and give back claims, one item at a time; and insert new ones, many with a request.

        That takes no right to put: developer guide, "IAM security policies with PartiQL for DynamoDB".
        """
        return [
            {
                "Sid": "ClaimFiles",
                "Effect": "Allow",
                "Action": ["dynamodb:PartiQLInsert", "dynamodb:PutItem", "dynamodb:GetItem"],
                "Resource": [self.arn],
            }
        ]

    def grant_read_many(self) -> list[Statement]:
        """Look up claims and records, many at once."""
        return [
            {
                "Sid": "ReadClaims",
                "Effect": "Allow",
                "Action": ["dynamodb:BatchGetItem"],
                "Resource": [self.arn],
            }
        ]

    def grant_note_progress(self) -> list[Statement]:
        """Read and write the one item in which reconciliation notes how far it is, and no claim."""
        return [
            {
                "Sid": "NoteProgress",
                "Effect": "Allow",
                "Action": ["dynamodb:GetItem", "dynamodb:PutItem"],
                "Resource": [self.arn],
                "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [PROGRESS_KEY]}},
            }
        ]
