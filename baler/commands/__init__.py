"""The sub-commands of `baler`, a folder each."""
