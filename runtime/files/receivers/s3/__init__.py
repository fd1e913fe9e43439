"""Puts bundles into a bucket of any S3-compatible store."""
