"""What `make sandbox` prints of each pipeline: where things are, how to send, and where to look."""
