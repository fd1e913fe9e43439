"""The claim protocol: which attempt may bundle a file, so that nothing is lost and nothing comes twice."""
