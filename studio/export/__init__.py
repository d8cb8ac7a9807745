"""Checkpoint -> artefacts."""
