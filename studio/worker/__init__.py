"""The child processes that serve the window."""
