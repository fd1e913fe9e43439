"""The register: for each day a list of its archived bundles and their files, in pages that are chained by hashes."""
