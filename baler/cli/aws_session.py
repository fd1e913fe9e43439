"""Where every command gets boto3's session from, so that all read the same settings."""

from __future__ import annotations

import os
from functools import cache
from typing import Final

import boto3
from botocore.loaders import Loader, create_loader
from botocore.session import get_session

CHECK_SETTINGS: Final = "check AWS_PROFILE (or the keys of AWS), AWS_REGION and AWS_ENDPOINT_URL"
"""What an operator can do where boto3's settings are not usable."""


def check_settings(error: Exception) -> str:
    """Return the sentence for an error of boto3 that most likely comes from its settings."""
    return f"{str(error).rstrip('.')}: {CHECK_SETTINGS}."


def aws_session() -> boto3.Session:
    """Make a session; endpoint, region and credentials are boto3's own settings, and AWS_REGION is one of them.

    boto3 itself reads AWS_DEFAULT_REGION and the profile alone. AWS_REGION goes before both, as it does for the AWS
    CLI (its user guide, "Environment variables") and the other SDKs.

    Raises:
        BotoCoreError: there is no such profile, for example.
    """
    core = get_session()
    core.register_component("data_loader", _models())
    return boto3.Session(botocore_session=core, region_name=os.environ.get("AWS_REGION") or None)


@cache
def _models() -> Loader:
    """Return what reads botocore's models of services, each once in a process: S3's take a third of a second."""
    return create_loader()
