"""Receivers of bundles, as programs on this machine: what stands on the premises elsewhere."""
