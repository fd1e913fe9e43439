"""Dictionaries and lists that are what they are: equal to plain ones, and refusing to be changed."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, NoReturn, TypeVar, cast

T = TypeVar("T")


def frozen(value: T) -> T:
    """Return the same dictionaries and lists, at any depth, as ones that cannot be changed."""
    if isinstance(value, dict):
        items = cast("dict[Any, Any]", value).items()
        return cast("T", _Dict({key: frozen(item) for key, item in items}))
    if isinstance(value, list):
        return cast("T", _List(frozen(item) for item in cast("list[Any]", value)))
    return value


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise TypeError("what several tests share cannot be changed: change a copy, {**this} or [*this]")


class _Dict(dict[Any, Any]):
    __setitem__: Any = _refuse
    __delitem__: Any = _refuse
    __ior__: Any = _refuse
    clear: Any = _refuse
    pop: Any = _refuse
    popitem: Any = _refuse
    setdefault: Any = _refuse
    update: Any = _refuse

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[Any, Any]:
        return {key: deepcopy(item, memo) for key, item in self.items()}


class _List(list[Any]):
    __setitem__: Any = _refuse
    __delitem__: Any = _refuse
    __iadd__: Any = _refuse
    __imul__: Any = _refuse
    append: Any = _refuse
    clear: Any = _refuse
    extend: Any = _refuse
    insert: Any = _refuse
    pop: Any = _refuse
    remove: Any = _refuse
    reverse: Any = _refuse
    sort: Any = _refuse

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Any]:
        return [deepcopy(item, memo) for item in self]
