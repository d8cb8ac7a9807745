"""One family of networks a file."""
