"""What any pipeline is built of."""
