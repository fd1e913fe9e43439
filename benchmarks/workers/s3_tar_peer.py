"""The peer `s3-tar`, run by an environment of its own."""

from __future__ import annotations

from typing import Any, cast

import s3_tar  # pyright: ignore[reportMissingImports]  # in .venv-peers alone

from benchmarks.workers.serve import serve


def work(request: dict[str, Any]) -> int:
    """Bundle the files below a prefix; returns how many s3-tar found.

    Args:
        request: `source` and `target` (buckets), `prefix`, `key` of the bundle, and `at_once`, files that are
            downloaded at a time: null leaves s3-tar's own 5.
    """
    at_once = {} if request["at_once"] is None else {"cache_size": request["at_once"]}
    job: Any = cast("Any", s3_tar).S3Tar(request["source"], request["key"], target_bucket=request["target"], **at_once)
    job.add_files(request["prefix"])
    found = len(job.all_keys)
    job.tar()
    return found


if __name__ == "__main__":
    serve(work)
