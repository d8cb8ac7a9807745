"""Benchmarks, one module each.

A module's `bench(...)` yields lines about its progress, its table last, and returns a frozen dataclass, which
`studio bench` prints as one line of JSON. What is measured runs in child processes (`children.py`), one after
the other, so that no measurement warms up or slows down another.
"""
