"""The event stream's formats and rules, which its functions and its commands share."""
