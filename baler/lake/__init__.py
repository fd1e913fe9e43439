"""What the lake's functions and commands share: declared sources, records, their names and their order."""
