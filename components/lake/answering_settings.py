"""The function behind the HTTP API: what it has to work with."""

from typing import Annotated

from pydantic import Field

from components.lake.curation_settings import CurationSettings


class AnsweringSettings(CurationSettings):
    """How requests are answered."""

    api_memory_megabytes: Annotated[int, Field(ge=128, le=10_240)] = 512
    """Memory of the function behind the API; its share of a CPU grows with it."""

    api_timeout_seconds: Annotated[int, Field(ge=3, le=29)] = 10
    """Longest run of the function behind the API, in seconds: an HTTP API waits for 30."""
