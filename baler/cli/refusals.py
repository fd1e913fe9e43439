"""Which failures of calls to AWS only a person can change, and what they mean to the one who runs the command.

What passes by itself is said by one table for the functions and the command: baler/aws/faults.py.
"""

from __future__ import annotations

from http.client import HTTPException
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from baler.aws.faults import code_of, fault_of

if TYPE_CHECKING:
    from collections.abc import Mapping

# By AWS's error code, or the status where an answer had no body (as to a HEAD).
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
MEANINGS: Final[Mapping[str, str]] = {
    "403": "Access is denied",
    "AccessDenied": "Access is denied",
    "AccessDeniedException": "Access is denied",
    "AWS.SimpleQueueService.NonExistentQueue": "There is no such queue",
    "AllAccessDisabled": "Access is denied",
    "AuthorizationHeaderMalformed": "The bucket is in another region",
    "ExpiredToken": "The credentials have expired",
    "ExpiredTokenException": "The credentials have expired",
    "Forbidden": "Access is denied",
    "IncompleteSignatureException": "The credentials are not valid",
    "InvalidAccessKeyId": "The credentials are not known there",
    "InvalidBucketName": "That is not a bucket's name",
    "InvalidSignatureException": "The credentials are not valid",
    "InvalidToken": "The credentials are not valid",
    "MissingAuthenticationTokenException": "The credentials are not valid",
    "NoSuchBucket": "There is no such bucket",
    "PermanentRedirect": "The bucket is in another region",
    "QueueDoesNotExist": "There is no such queue",
    # In Lambda it passes, after a thaw of the environment; the clock of any other machine stays wrong.
    "RequestTimeTooSkewed": "The clock of this machine is wrong",
    # DynamoDB's of a table, Kinesis' of a stream, Lambda's of a function or mapping.
    "ResourceNotFoundException": "There is none of that name",
    "SignatureDoesNotMatch": "The credentials are not valid",
    "UnrecognizedClientException": "The credentials are not known there",
}


def passes(error: Exception) -> bool:
    """Tell whether the same call may go well later with nobody changing anything: AWS's answer, or that there is none.

    Args:
        error: what boto3's client raised, or the body of an object.
    """
    if isinstance(error, ClientError) and code_of(error) in MEANINGS:
        return False
    return isinstance(error, HTTPException) or fault_of(error).passes
