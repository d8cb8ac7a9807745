"""The dialog that searches for good settings."""
