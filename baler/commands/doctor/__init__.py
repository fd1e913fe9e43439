"""`baler doctor`: what is wrong with how the command reaches AWS."""
