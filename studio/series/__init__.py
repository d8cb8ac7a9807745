"""Runs one after another, each in a process of its own: the queue and searches. Loads neither torch nor Qt."""
