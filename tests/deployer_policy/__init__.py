"""What whoever deploys must be allowed to do, by the types of resources that the program declares."""
