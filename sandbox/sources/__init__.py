"""Stand-ins of the APIs that the lake fetches, on loopback: their real shapes, and the faults that one asks them for.

`posts` is JSONPlaceholder's `/posts`, `people` is RandomUser's `/api/`, `tides` is paged by a cursor. `running` serves
them, and writes the declarations by which a stack fetches them.
"""
