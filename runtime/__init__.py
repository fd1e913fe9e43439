"""What runs in Lambda: a folder for each pipeline, a folder in it for each function."""
