"""Hanzi Studio: train Chinese text models by pointing and clicking."""

__version__ = "0.1.0"
