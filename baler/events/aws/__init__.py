"""The stores of the event stream on AWS that functions and commands share."""
