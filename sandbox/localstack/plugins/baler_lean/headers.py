"""A request's headers, which know what they have not.

Of an upload LocalStack's parser asks for each of some forty headers that it might have; werkzeug looks through all that
it has for every one, and makes an exception of those that are not there.
"""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import Headers

# Those after which a name may be gone though there are as many headers as before, or will be again.
_SHRINKING = ("__delitem__", "__setitem__", "_del_key", "clear", "pop", "popitem", "remove", "set", "setlist")


class KnownHeaders(Headers):
    """Werkzeug's headers, with a set of their names."""

    _names: frozenset[str] | None = None
    _count = -1

    def get(self, key: str, *arguments: Any, **options: Any) -> Any:
        """Return a header's value, or the default: see `Headers.get`."""
        if self._has(key):
            return super().get(key, *arguments, **options)
        return arguments[0] if arguments else options.get("default")

    def __contains__(self, key: str) -> bool:
        """Tell whether there is a header of a name."""
        return self._has(key)

    def _has(self, key: str) -> bool:
        if self._names is None or self._count != len(self._list):
            self._names = frozenset(name.lower() for name, _ in self._list)
            self._count = len(self._list)
        return key.lower() in self._names


def _forgetting(name: str) -> Any:
    change = getattr(Headers, name)

    def changed(headers: KnownHeaders, *arguments: Any, **options: Any) -> Any:
        try:
            return change(headers, *arguments, **options)
        finally:
            headers._names = None  # noqa: SLF001 - its own method

    return changed


for _name in _SHRINKING:
    setattr(KnownHeaders, _name, _forgetting(_name))
