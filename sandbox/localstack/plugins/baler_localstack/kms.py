"""Symmetric KMS keys on Python 3.11: LocalStack names their material by `uuid5`, which takes no bytes before 3.12."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from localstack.runtime import hooks

if TYPE_CHECKING:
    from localstack.services.kms.models import KmsKey


@hooks.on_infra_start()
def name_key_material() -> None:
    """Name a key's material by a hash of its own: 64 hexadecimal digits, as LocalStack's."""
    from localstack.services.kms.models import KmsKey  # noqa: PLC0415 - when the service may be loaded

    KmsKey.generate_key_material_id = _material_id


def _material_id(key: KmsKey, material: bytes) -> str:
    return hashlib.sha256(key._internal_key_id.bytes + material).hexdigest()  # noqa: SLF001 - see above
