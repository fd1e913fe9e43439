"""The API data lake: sources on a schedule, curated records, an HTTP API and a dashboard (document 4)."""
