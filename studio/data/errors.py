"""How data can fail, said so that a person knows what to do."""

from __future__ import annotations


class DataError(Exception):
    """Data that cannot be used.

    Attributes:
        message: what is wrong, and where.
        remedy: what would be right.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(f"{message}; {remedy}" if remedy else message)


class Cancelled(Exception):  # noqa: N818 - it is no error
    """The preparation was called off; nothing of it is left on the disk."""
