"""What the contestants stand on: LocalStack, or a store and a table that are fast enough not to be what is measured."""
