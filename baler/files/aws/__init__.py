"""The file pipeline's ports on AWS that functions and commands share."""
