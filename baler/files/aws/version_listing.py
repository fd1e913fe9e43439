"""The document in which S3 lists versions, read without boto3's general parser.

That takes a tenth of a second for the thousand versions of a page, and a bucket of a week has thousands of pages. So
the versions are taken out of the document before boto3 reads it, and put into its answer in the form that it gives
them; all else of the answer, errors included, is boto3's.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# botocore tells its handlers of an answer before it is parsed (botocore/endpoint.py); of a version that does not,
# nothing is taken out.
_BEFORE_PARSE: Final = "before-parse.s3.ListObjectVersions"
_ID: Final = "baler-version-listing"
_REFUSED: Final = 300


def read_versions_fast(client: S3Client) -> None:
    """Make a client read the versions of a listing by this module. Delete markers are left out of its answers."""
    client.meta.events.register(_BEFORE_PARSE, _take_versions_out, unique_id=_ID)


def _take_versions_out(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    if response_dict["status_code"] >= _REFUSED:
        return
    try:
        root = ET.fromstring(response_dict["body"])  # noqa: S314 - as boto3 itself parses it
    except ET.ParseError:
        return  # boto3's parser says what is wrong with it
    space = root.tag.rpartition("}")[0] + "}" if "}" in root.tag else ""
    if root.tag != f"{space}ListVersionsResult":
        return
    found = [_version(element, space) for element in root.iterfind(f"{space}Version")]
    for name in ("Version", "DeleteMarker"):
        for element in root.findall(f"{space}{name}"):
            root.remove(element)
    response_dict["body"] = ET.tostring(root)
    customized_response_dict["Versions"] = found


def _version(element: ET.Element, space: str) -> dict[str, Any]:
    fields = {child.tag.removeprefix(space): child.text or "" for child in element}
    return {
        "Key": fields.get("Key", ""),
        "VersionId": fields.get("VersionId"),
        "ETag": fields.get("ETag", ""),
        "Size": int(fields.get("Size") or 0),
        "IsLatest": fields.get("IsLatest") == "true",
        "LastModified": datetime.fromisoformat(fields["LastModified"]),
    }
