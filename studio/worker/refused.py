"""Why data could not be looked at, as an answer."""

from __future__ import annotations

from studio.data.errors import DataError
from studio.recipe import RecipeError
from studio.runs.requests import Refused


def of_data(id: str, error: RecipeError | DataError | OSError) -> Refused:
    """What is wrong with a recipe, its data or the disk."""
    if isinstance(error, RecipeError):
        return Refused(id=id, kind="recipe", message=str(error), details=tuple(map(str, error.problems)))
    if isinstance(error, DataError):
        return Refused(id=id, kind="data", message=error.message, remedy=error.remedy)
    where = f"{error.filename}: " if error.filename else ""
    return Refused(id=id, kind="disk", message=f"{where}{error.strerror or error}")
