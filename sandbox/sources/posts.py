"""JSONPlaceholder's `/posts`: a list of a hundred posts that stays as it is until somebody changes it.

https://jsonplaceholder.typicode.com/posts
"""

from __future__ import annotations

import base64
import hashlib
import re
from random import Random
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from sandbox.sources.answer import UnknownCommandError
from sandbox.sources.words import lines, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.sources.answer import Items

POSTS: Final = 100
_OF_A_USER: Final = 10
_NUMBER: Final = re.compile("[0-9]{1,9}")


class Posts:
    """The list, which threads may share.

    Args:
        seed: the same makes the same posts.

    Attributes:
        path: of it.
    """

    path = "/posts"

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._lock = Lock()
        self._items: Items = self._made_up(POSTS)

    def items(self, query: Mapping[str, str]) -> Items:  # noqa: ARG002 - the whole list, whatever it says
        """Return the posts."""
        with self._lock:
            return [dict(item) for item in self._items]

    def many(self, count: int) -> Items:
        """Return the posts, and made-up ones behind them."""
        items = self.items({})
        return [*items, *self._made_up(count)[len(items) :]]

    def document(self, items: Items, query: Mapping[str, str]) -> Any:  # noqa: ARG002 - the list itself
        """Return the list."""
        return items

    def headers(self, body: bytes) -> dict[str, str]:
        """Return what Express says of a body."""
        return {
            "Content-Type": "application/json; charset=utf-8",
            "Cache-Control": "max-age=43200",
            "ETag": etag_of(body),
            "X-Powered-By": "Express",
        }

    def title(self, number: int) -> str:
        """Return a post's title.

        Raises:
            UnknownCommandError: there is no such post.
        """
        with self._lock:
            return self._post(number)["title"]

    def set_title(self, number: int, title: str) -> None:
        """Change a post.

        Raises:
            UnknownCommandError: there is no such post.
        """
        with self._lock:
            self._post(number)["title"] = title

    def add(self, title: str) -> int:
        """Add a post, and return its number."""
        with self._lock:
            number = max((item["id"] for item in self._items), default=0) + 1
            post = {"userId": 1, "id": number, "title": title, "body": "A post that was added."}
            self._items.append(post)
            return number

    def reset(self) -> None:
        """Go back to the posts of the beginning."""
        with self._lock:
            self._items = self._made_up(POSTS)

    def command(self, name: str, arguments: Mapping[str, str]) -> None:
        """Do `title` (id, title), `add` (title) or `reset`.

        Raises:
            UnknownCommandError: it is none of them.
        """
        number = arguments.get("id", "")
        match name:
            case "title" if _NUMBER.fullmatch(number):
                self.set_title(int(number), arguments.get("title", ""))
            case "add":
                self.add(arguments.get("title", "A new post"))
            case "reset":
                self.reset()
            case _:
                raise UnknownCommandError("posts know title?id=7&title=red, add?title=new and reset")

    def _post(self, number: int) -> dict[str, Any]:
        for item in self._items:
            if item["id"] == number:
                return item
        raise UnknownCommandError(f"there is no post {number}")

    def _made_up(self, count: int) -> Items:
        random = Random(self._seed)  # noqa: S311 - made-up content
        return [
            {
                "userId": (number - 1) // _OF_A_USER + 1,
                "id": number,
                "title": words(random, random.randint(2, 9)),
                "body": lines(random, 4),
            }
            for number in range(1, count + 1)
        ]


def etag_of(body: bytes) -> str:
    """Return the weak tag that Express gives a body: its length, and its SHA-1 (npm's `etag`)."""
    digest = hashlib.sha1(body, usedforsecurity=False).digest()
    return f'W/"{len(body):x}-{base64.b64encode(digest).decode()[:27]}"'
