"""Receivers on the premises, as the courier sends to them: an HTTP endpoint, and an S3-compatible store."""
