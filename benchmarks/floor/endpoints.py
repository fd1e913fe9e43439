"""Where a contestant finds AWS."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Endpoints:
    """URLs of the services that contestants call.

    Attributes:
        s3: of every bucket.
        dynamodb: of every table.
    """

    s3: str
    dynamodb: str

    @classmethod
    def of_one(cls, url: str) -> Endpoints:
        """Return those of a server that is all of AWS."""
        return cls(url, url)

    def environment(self) -> dict[str, str]:
        """Return the variables by which AWS's SDKs find them, and s3-tar."""
        return {
            # https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
            "AWS_ENDPOINT_URL": self.s3,
            "AWS_ENDPOINT_URL_S3": self.s3,
            "AWS_ENDPOINT_URL_DYNAMODB": self.dynamodb,
            "S3_ENDPOINT_URL": self.s3,
        }
