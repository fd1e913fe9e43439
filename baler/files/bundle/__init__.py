"""The bundle: a tar.gz of `files/<key>` members and, last, MANIFEST.json."""
