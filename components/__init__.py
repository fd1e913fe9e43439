"""What is deployed: the shared parts, and a folder for each pipeline."""
