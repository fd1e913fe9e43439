"""What all sub-commands of `baler` share, and where they are listed."""
