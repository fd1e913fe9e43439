"""Delivery by s3: the courier puts bundles into an S3-compatible store on the premises."""
