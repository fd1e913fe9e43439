"""The built dashboard, served by the sandbox's server in front of any API, without a bucket."""

from __future__ import annotations

import hashlib
import threading
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from components.lake.site.build import CONFIG, SiteBuild, read_build
from sandbox.site.server import Origins, SiteServer

if TYPE_CHECKING:
    from collections.abc import Generator

    from mypy_boto3_s3 import S3Client


class _Folder:
    """The export as S3 would answer for it."""

    def __init__(self, build: SiteBuild) -> None:
        self._files = {
            file.path: (file.source.read_bytes(), file.content_type, file.cache_control) for file in build.files
        }
        self._files[CONFIG] = (b'{"apiUrl": "/api"}', "application/json", "no-cache")

    def get_object(self, *, Bucket: str, Key: str, IfNoneMatch: str = "") -> dict[str, Any]:  # noqa: ARG002, N803
        if Key not in self._files:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        body, content_type, cache_control = self._files[Key]
        etag = f'"{hashlib.sha256(body).hexdigest()}"'
        if etag == IfNoneMatch:
            raise ClientError({"Error": {"Code": "304"}}, "GetObject")
        return {
            "Body": BytesIO(body),
            "ContentType": content_type,
            "CacheControl": cache_control,
            "ETag": etag,
            "ResponseMetadata": {"HTTPHeaders": {}},
        }


@contextmanager
def exported_site(api_url: str) -> Generator[str]:
    """Serve dashboard/out as it is now on a free port, and yield its address, with a slash at the end.

    Args:
        api_url: of the API that is below /api.

    Raises:
        DashboardBuildError: there is no build.
    """
    build = read_build()
    with SiteServer(0, Origins(cast("S3Client", _Folder(build)), "site", api_url, build.headers.by_name())) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()
