"""The built dashboard: which files it has, how each is served, and which inline scripts its pages carry."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import pulumi

from components.blocks.function_package import PROJECT
from components.lake.site.headers import LONGEST_POLICY, SecurityHeaders

CONFIG: Final = "config.json"
"""The page reads here where the API is. The stack writes it, so that one build is for all stacks."""

_HOW: Final = "make dashboard, or pulumi config set baler:lakeDashboard false"
_HASH: Final = re.compile(r"sha256-[A-Za-z0-9+/]{43}=", re.ASCII)

# Below here a name has the hash of what is in it (Next.js, "output: export").
_HASHED: Final = "_next/static/"
_IMMUTABLE: Final = "public, max-age=31536000, immutable"
# Kept, and asked about each time: an answer without content where nothing changed.
_ASK: Final = "no-cache"

_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    # Next.js takes a page's data for data only if it is plain text.
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


class DashboardBuildError(pulumi.RunError):
    """There is no built dashboard, or it is none that can be served. Pulumi prints the message without a traceback."""


@dataclass(frozen=True, kw_only=True)
class SiteFile:
    """A file of the site."""

    path: str
    """Below the site's root, with slashes and none in front; also its key in the bucket."""

    source: Path
    content_type: str

    @property
    def hashed(self) -> bool:
        """Whether its name says what is in it, so that it never changes and an older page may still ask for it."""
        return self.path.startswith(_HASHED)

    @property
    def cache_control(self) -> str:
        """How long it may be kept."""
        return _IMMUTABLE if self.hashed else _ASK


@dataclass(frozen=True, kw_only=True)
class SiteBuild:
    """What `make dashboard` wrote."""

    files: tuple[SiteFile, ...]
    """All but what the stack writes itself."""

    headers: SecurityHeaders


CONFIG_CACHE_CONTROL: Final = _ASK


def read_build(project: Path = PROJECT) -> SiteBuild:
    """Return the built dashboard.

    Args:
        project: the folder of `dashboard/`.

    Raises:
        DashboardBuildError: it is not built, or has a file of which nobody knows how to serve it.
    """
    out, summary = project / "dashboard" / "out", project / "dashboard" / "out.json"
    if not (out / "index.html").is_file() or not summary.is_file():
        raise DashboardBuildError(f"baler:lakeDashboard is true, and the dashboard is not built: {_HOW}")
    headers = SecurityHeaders(_script_hashes(summary))
    if len(headers.content_security_policy) > LONGEST_POLICY:
        raise DashboardBuildError(
            f"The dashboard's pages carry {len(headers.script_hashes)} inline scripts, and CloudFront takes no policy "
            f"of more than {LONGEST_POLICY} characters, which lists them: {_HOW}"
        )
    return SiteBuild(files=tuple(_files(out)), headers=headers)


def _script_hashes(summary: Path) -> list[str]:
    try:
        found: Any = json.loads(summary.read_text(encoding="utf-8"))["scriptHashes"]
    except (ValueError, KeyError, TypeError) as error:
        raise DashboardBuildError(f"{summary} lists no hashes of scripts: {_HOW}") from error
    if not isinstance(found, list) or not all(
        isinstance(each, str) and _HASH.fullmatch(each) for each in cast("list[Any]", found)
    ):
        raise DashboardBuildError(f"{summary} lists hashes that are none: {_HOW}")
    return sorted(cast("list[str]", found))


def _files(out: Path) -> Iterator[SiteFile]:
    for source in sorted(path for path in out.rglob("*") if path.is_file()):
        path = source.relative_to(out).as_posix()
        if path == CONFIG:
            continue
        content_type = _TYPES.get(source.suffix)
        if content_type is None:
            raise DashboardBuildError(
                f"dashboard/out/{path} is of no type that the site serves: name it in components/lake/site/build.py"
            )
        yield SiteFile(path=path, source=source, content_type=content_type)
