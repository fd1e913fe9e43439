"""`baler lake`: what an operator asks and does of the API data lake."""
