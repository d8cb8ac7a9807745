"""What is wrong with a range, in the window's language."""

from __future__ import annotations

import re

from studio.gui.forms.words import bounds_text, explain
from studio.gui.i18n import tr
from studio.recipe import FieldDescription, Problem


def range_text(problem: Problem, field: FieldDescription | None = None) -> str:
    """A complaint of `studio.recipe.ranges` as a person would say it; where it stands is shown beside it."""
    reason = problem.reason
    plain = {
        r".*is not an interval of whole numbers": tr("This is not a range of whole numbers."),
        r".*is not an interval of numbers": tr("This is not a range of numbers."),
        r".*is empty: .*": tr("The lowest value must be below the highest."),
        r"a :log range begins above 0.*": tr("By order of magnitude, the lowest value must be above 0."),
        r".*is not dotted\.key=range|.*is one value only": tr("Choose at least two values."),
        r"there is nothing to search": tr("Choose at least one field to search."),
    }
    for pattern, words in plain.items():
        if re.fullmatch(pattern, reason, re.DOTALL):
            return words
    if reason.endswith("leaves the allowed range"):
        bounds = bounds_text(field) if field else problem.remedy
        return tr("Allowed: {bounds}.", bounds=bounds)
    for pattern, words in (
        (r"'(.*)' is no .*", "'{0}' is no value for this."),
        (r"(.*) is given twice", "'{0}' is given twice."),
        (r"(.*) is not allowed", "'{0}' is not allowed."),
    ):
        found = re.fullmatch(pattern, reason)
        if found:
            return tr(words).format(found[1])
    if reason.startswith("no combination fits: "):
        inner = Problem(problem.path, reason.removeprefix("no combination fits: "), problem.remedy)
        return tr("No combination of these makes a good recipe: {0}").format(explain(inner))
    return explain(problem, field)
