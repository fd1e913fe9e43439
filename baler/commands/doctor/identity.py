"""Region, credentials, endpoint and clock: what one answer of STS says of them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from baler.aws.faults import code_of
from baler.cli.aws_session import aws_session, check_settings
from baler.cli.clients import SettingsError, client
from baler.cli.refusals import MEANINGS
from baler.cli.s3 import NO_CREDENTIALS
from baler.commands.doctor.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# A request must reach AWS within five minutes of the time that is written in it (IAM user guide, "Elements of an AWS
# API request signature"); some of them go by on the way.
_SKEW_SECONDS: Final = 240.0


def region() -> Finding:
    """Say which region is used, and who says so."""
    try:
        found = aws_session().region_name
    except BotoCoreError as error:
        return Finding("region", Verdict.WRONG, check_settings(error))
    if not found:
        text = "none is set: AWS_REGION, region in baler.toml, or the profile's."
        return Finding("region", Verdict.WRONG, text)
    source = next((name for name in ("AWS_REGION", "AWS_DEFAULT_REGION") if os.environ.get(name)), "the profile")
    return Finding("region", Verdict.OK, f"{found} ({source})")


def identity() -> Iterator[Finding]:
    """Ask STS who is calling; yield what that says of the credentials, the endpoint and the clock."""
    try:
        sts = client("sts", attempts=2, read_seconds=10)
    except (BotoCoreError, SettingsError) as error:
        yield Finding("endpoint", Verdict.WRONG, check_settings(error))
        return
    where = _endpoint(sts.meta.endpoint_url)
    try:
        answer = sts.get_caller_identity()
    except ClientError as error:
        yield Finding("endpoint", Verdict.OK, where)
        yield _clock(error.response)
        meaning = MEANINGS.get(code_of(error), "AWS refuses them")
        yield Finding("credentials", Verdict.WRONG, f"{meaning}: {error}")
    except NO_CREDENTIALS as error:
        text = f"none are usable ({error}): set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        yield Finding("credentials", Verdict.WRONG, text)
    except BotoCoreError as error:
        yield Finding("endpoint", Verdict.WRONG, f"{where} does not answer: {check_settings(error)}")
    else:
        yield Finding("endpoint", Verdict.OK, where)
        yield _clock(answer)
        yield Finding("credentials", Verdict.OK, f"{answer['Arn']}, account {answer['Account']} ({_source()})")


def _endpoint(url: str) -> str:
    named = sorted(name for name in os.environ if name.startswith("AWS_ENDPOINT_URL") and os.environ[name])
    return f"{url} ({', '.join(named) if named else 'AWS itself'})"


def _source() -> str:
    """Return where botocore has the credentials from: "env", or "assume-role"."""
    credentials = aws_session().get_credentials()
    return "none" if credentials is None else str(credentials.method)


def _clock(answer: Mapping[str, Any]) -> Finding:
    text = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        theirs = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return Finding("clock", Verdict.UNKNOWN, "the answer of STS has no time to compare with.")
    seconds = (datetime.now(UTC) - theirs).total_seconds()
    if abs(seconds) < _SKEW_SECONDS:
        return Finding("clock", Verdict.OK, f"{abs(seconds):.0f} s from AWS's")
    late = "late" if seconds < 0 else "early"
    advice = "AWS refuses requests after five minutes: have it set by NTP"
    return Finding("clock", Verdict.WRONG, f"this machine's is {abs(seconds):.0f} s {late}; {advice}.")
