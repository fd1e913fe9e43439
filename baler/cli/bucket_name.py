"""The name of a bucket, as an option takes it."""

from __future__ import annotations

from typing import Final

import typer

_SCHEME: Final = "s3://"


def bucket_name(text: str) -> str:
    """Return the bucket that an option names, as `name`, `s3://name` or `s3://name/`.

    Raises:
        typer.BadParameter: it names an object or a prefix, or nothing.
    """
    name = text[len(_SCHEME) :].removesuffix("/") if text.lower().startswith(_SCHEME) else text
    if not name.strip("/"):
        raise typer.BadParameter(f"{text!r} names no bucket.")
    if "/" in name:
        raise typer.BadParameter(
            f"{text!r} is more than a bucket: give its name alone, like s3://{name.split('/')[0]}."
        )
    return name
