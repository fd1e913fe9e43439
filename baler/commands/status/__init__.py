"""`baler status`: whether a stack is healthy, on one screen."""
