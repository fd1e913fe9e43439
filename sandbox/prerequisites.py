"""Says in one sentence what this machine lacks. Runs before anything is installed, on whatever Python there is."""
# ruff: noqa: UP031, ANN201 - must parse on the old Pythons that it exists to refuse

import sys

OLDEST = (3, 11)
NEWEST = (3, 13)


def lacking():
    """Return the sentence to print, or None where nothing is missing."""
    version = "%d.%d" % sys.version_info[:2]
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        return (
            "Baler needs Python 3.11, 3.12 or 3.13, and %s is %s: name another one, "
            "like this: make PYTHON=python3.11" % (sys.executable, version)
        )
    try:
        import ensurepip  # noqa: F401, PLC0415  # pyright: ignore[reportUnusedImport]  # its absence is looked for
        import venv  # noqa: F401, PLC0415  # pyright: ignore[reportUnusedImport]  # likewise
    except ImportError:
        return (
            "Baler needs Python's venv module, and %s is without it: on Debian and Ubuntu, "
            "apt-get install python%s-venv" % (sys.executable, version)
        )
    return None


if __name__ == "__main__":
    sentence = lacking()
    if sentence:
        sys.exit(sentence)
