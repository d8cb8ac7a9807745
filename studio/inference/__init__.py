"""Checkpoint -> predictions."""
