"""The dashboard where people see it: its files in a private bucket, and CloudFront in front of them and of the API."""
