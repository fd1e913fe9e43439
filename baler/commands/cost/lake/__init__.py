"""What the lake costs a month."""
