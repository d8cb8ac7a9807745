"""What to train, as data: typed sections, TOML in and out, presets, descriptions for forms."""

from studio.recipe.compute import Compute, Privacy
from studio.recipe.data import (
    LEXICONS,
    NO_COLUMN,
    BuiltinSource,
    Cleaning,
    Data,
    FileSource,
    LexiconSource,
    Source,
    TableSource,
    is_lexicon,
)
from studio.recipe.describe import FieldDescription, describe, walk
from studio.recipe.files import Problem, RecipeError, dump, load, parse
from studio.recipe.keeping import Checkpoints, EarlyStopping
from studio.recipe.model import Model, Recurrent, TransformerEncoder
from studio.recipe.overrides import apply_overrides
from studio.recipe.presets import Preset, presets, resolve, values_of
from studio.recipe.recipe import VERSION, Recipe
from studio.recipe.splits import Balance, Splits
from studio.recipe.task import PinyinToHanzi, Task
from studio.recipe.training import Training

__all__ = [
    "LEXICONS",
    "NO_COLUMN",
    "VERSION",
    "Balance",
    "BuiltinSource",
    "Checkpoints",
    "Cleaning",
    "Compute",
    "Data",
    "EarlyStopping",
    "FieldDescription",
    "FileSource",
    "LexiconSource",
    "Model",
    "PinyinToHanzi",
    "Preset",
    "Privacy",
    "Problem",
    "Recipe",
    "RecipeError",
    "Recurrent",
    "Source",
    "Splits",
    "TableSource",
    "Task",
    "Training",
    "TransformerEncoder",
    "apply_overrides",
    "describe",
    "dump",
    "is_lexicon",
    "load",
    "parse",
    "presets",
    "resolve",
    "values_of",
    "walk",
]
