"""The file pipeline's formats and rules, which its functions and its commands share."""
