"""Where a request for the site goes: the rules of `components/lake/site/*.js`, which tests compare with these.

All paths are as a client sends them: with a slash in front, percent-encoded, without the query.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from components.lake.site.site_bucket import API_PATH

_ID: Final = re.compile(r"[A-Za-z0-9-]+", re.ASCII)
_DOTS: Final = {".", ".."}


def rewritten(path: str) -> str:
    """Return the path of the file that is sent for a path, as `rewrite.js` does."""
    segments = path.split("/")[1:]
    if segments[0] == "records" and len(segments) > 1 and _ID.fullmatch(segments[1]):
        segments[1] = "_"
    if segments[-1] == "":
        segments[-1] = "index.html"
    elif "." not in segments[-1]:
        segments.append("index.html")
    return "/" + "/".join(segments)


def key_of(path: str) -> str | None:
    """Return the key in the site's bucket of a rewritten path; None if no key can be written so.

    S3 knows no folders, so `..` is a name like others to it, which no file of a build has. Here a server lies between
    to which it may mean something, so it is not asked for.
    """
    try:
        key = unquote(path[1:], errors="strict")
    except UnicodeDecodeError:
        return None
    if not key.isprintable() or _DOTS & set(key.replace("\\", "/").split("/")):
        return None
    return key


def is_for_api(path: str) -> bool:
    """Tell whether CloudFront takes a path for the API's: it first resolves dots, and takes slashes together.

    See CloudFront developer guide, "Cache behavior settings", path pattern, "Path normalization".
    """
    resolved: list[str] = []
    *folders, last = path.split("/")
    for segment in [*filter(None, folders), last]:
        match re.sub("%2e", ".", segment, flags=re.IGNORECASE):
            case ".":
                continue
            case "..":
                del resolved[-1:]
            case other:
                resolved.append(other)
    return ("/" + "/".join(resolved)).startswith(f"{API_PATH}/")


def api_path(path: str) -> str | None:
    """Return the path to ask the API for, as `api_path.js` does; None is answered with a 404."""
    return path.removeprefix(API_PATH) if path.startswith(f"{API_PATH}/") else None
