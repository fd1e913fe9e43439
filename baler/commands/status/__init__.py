"""`baler status`: whether a stack is well, on one screen."""
