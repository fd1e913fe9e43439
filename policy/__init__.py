"""What no stack of Baler may ever deploy: rules over resources, as a policy pack of Pulumi and as plain functions."""
