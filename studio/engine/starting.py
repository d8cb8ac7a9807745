"""A run that begins with weights that are there already: found, held against the recipe, and passed on.

They are those of another run, or of an encoder that somebody else has trained.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from studio.data import symbols
from studio.data.dataset import Dataset
from studio.data.symbols import MASK, Symbols
from studio.engine.hub import folder_of
from studio.inference.opened import Opened, open_model
from studio.models.hugging_face import ENCODER as AN_ENCODER
from studio.models.hugging_face import Kind, PretrainedError, has_weights
from studio.models.pretrained import longest
from studio.models.pretrained_decoder import DECODER
from studio.models.pretrained_decoder import longest as longest_written
from studio.recipe import Problem, Recipe, RecipeError
from studio.recipe.pretrained import PretrainedEncoder
from studio.recipe.pretrained_decoder import Gpt2, PretrainedDecoder
from studio.recipe.pretrained_pairs import PretrainedEncoderDecoder
from studio.runs import start
from studio.runs.events import StartedFrom
from studio.runs.folder import RunFolder
from studio.tasks import create
from studio.tasks.base import VOCABULARY_FILE, Task
from studio.tasks.decoder_folder import from_the_beginning, open_decoder
from studio.tasks.encoder_folder import open_encoder, pass_encoder
from studio.tasks.model_folder import ModelFolderError, read_model
from studio.tasks.pair_folder import PAIR, open_pair, pass_pair
from studio.tasks.passing import Passed, pass_weights
from studio.tasks.pretrained import Pretrained, restored
from studio.tasks.pretrained_pairs import PretrainedPair
from studio.tasks.pretrained_pairs import restored as restored_pair
from studio.tasks.resuming import prepared

PATH, ENCODER = "training.start_from", "model.source"
_NAMED = PretrainedEncoder | PretrainedDecoder | PretrainedEncoderDecoder
_OF_OTHERS = _NAMED | Gpt2
_Network = Pretrained | PretrainedPair
# What is told of a folder's kind in place of the task of a run.
_TOLD = {
    AN_ENCODER: "pretrained_encoder",
    DECODER: "pretrained_decoder",
    PAIR: "pretrained_encoder_decoder",
}
# What two networks must have in common for the weights of one to mean anything in the other.
_SHAPE = ("family", "width", "heads", "feed_forward", "cell")


@dataclass(frozen=True)
class Start:
    """What a run begins with.

    Attributes:
        known: characters that keep the numbers they have in another model.
        source: the model to take weights from; None where they begin at random, or where the run goes on with its own.
        pretrained: the network of others that the recipe's model is made of; None if it is made of none.
        folder: where that network's weights are; None where they come from `source`, are the run's own, or begin at
            random.
        how: which layers are taken where there are more or fewer.
        theirs: that network as its folder has it.
        kind: of that folder.
    """

    known: tuple[str, ...] = ()
    source: Opened | None = None
    pretrained: _Network | None = None
    folder: Path | None = None
    how: str = "first"
    theirs: _Network | None = None
    kind: Kind = AN_ENCODER

    def task(self, recipe: Recipe, dataset: Dataset, checkpoint: Path | None = None) -> Task:
        """The task of a recipe with the vocabulary of its data; see `prepared`."""
        return prepared(recipe.task, dataset, checkpoint, self.known, self.pretrained)

    def fill(self, model: nn.Module, task: Any) -> Passed | None:
        """Pass weights on to a new model; None if there are none to begin with.

        Raises:
            RecipeError: if they cannot be read.
        """
        if self.source is not None:
            return pass_weights(self.source.model, self.source.task, model, task, self.how)
        if self.folder is None or self.theirs is None:
            return None
        try:
            if isinstance(self.theirs, PretrainedPair):
                return pass_pair(self.folder, self.theirs, model, task, self.how)
            return pass_encoder(self.folder, self.theirs, model, task, self.how, self.kind)
        except PretrainedError as error:
            raise refused(error) from error

    def told(self, run: RunFolder, passed: Passed) -> StartedFrom:
        """The event that says what was passed on, which is also written into the run's folder.

        Raises:
            OSError: if the disk does not take it.
        """
        name, task, step, licence = "", _TOLD[self.kind], 0, ""
        sources: list[Any] = []
        before: dict[str, Any] = {}
        if self.source is not None:
            config = self.source.config
            name, task, step, path = config.recipe, config.task, config.step, self.source.found.folder
            sources, before = _record_of(self.source)
        else:
            assert self.pretrained is not None and self.folder is not None
            name, licence, path = self.pretrained.about.name, self.pretrained.about.licence, self.folder
        event = StartedFrom(
            name=name,
            task=task,
            step=step,
            path=str(path),
            taken=passed.taken,
            resized=dict(passed.resized),
            new=passed.new,
            left=passed.left,
            layers=passed.layers,
            licence=licence,
        )
        start.keep(run, event, sources, before)
        return event


def begin(recipe: Recipe, run: RunFolder | None = None, last: int = -1) -> Start:
    """What a run begins with, or goes on with from the checkpoint of step `last`, -1 if it has none.

    Raises:
        RecipeError: if the model to start from is missing, damaged, or of another shape.
        ModelFolderError: if the run's own checkpoint is damaged.
    """
    if run is not None and last >= 0:
        # Its own vocabulary, so that the source may be gone by now.
        if isinstance(recipe.model, _OF_OTHERS):
            return Start(pretrained=_own(recipe, run.checkpoint(last)))
        if recipe.training.start_from:
            _, own, _ = read_model(run.checkpoint(last))
            return Start(_known(recipe, own))
        return Start()
    how = recipe.training.start_layers
    if recipe.training.start_from:
        source = _opened(recipe)
        theirs = getattr(source.task, "pretrained", None)
        return Start(_known(recipe, source.task), source, _fitting(recipe, theirs), how=how)
    if isinstance(recipe.model, Gpt2):
        return Start(pretrained=from_the_beginning(recipe.model))
    if isinstance(recipe.model, _NAMED):
        return _named(recipe, recipe.model, how)
    return Start()


def _named(recipe: Recipe, section: _NAMED, how: str) -> Start:
    """What a run begins with that names a network of others."""
    theirs: _Network
    try:
        folder = folder_of(section.source)
        if isinstance(section, PretrainedEncoderDecoder):
            kind, theirs = PAIR, open_pair(folder, section)
        elif isinstance(section, PretrainedDecoder):
            kind, theirs = DECODER, open_decoder(folder, section.source)
        else:
            kind, theirs = AN_ENCODER, open_encoder(folder, section.source)
    except PretrainedError as error:
        raise refused(error) from error
    weights = folder if has_weights(folder) else None
    if weights is None and recipe.training.lora.rank:
        reason = (
            f"{folder} holds no weights, and adapters leave a network as it is, which has learnt nothing here"
        )
        raise RecipeError([Problem("training.lora.rank", reason, "set training.lora.rank to 0")])
    return Start(pretrained=_fitting(recipe, theirs), folder=weights, how=how, theirs=theirs, kind=kind)


def unprepared_task(recipe: Recipe) -> Any:
    """The task of a recipe before there are data, with the network of others that the recipe names.

    Raises:
        RecipeError: if that cannot be used, or is not on this machine yet.
    """
    task: Any = create(recipe.task)
    if isinstance(recipe.model, _OF_OTHERS):
        task.pretrained = begin(recipe).pretrained
    return task


def task_for(recipe: Recipe, dataset: Dataset) -> Task:
    """The task of a recipe as a run would make it for these data.

    Raises:
        RecipeError: if what the run would begin with cannot be used.
        DataError: if a vocabulary cannot be made or taken over.
    """
    return begin(recipe).task(recipe, dataset)


def refused(error: PretrainedError) -> RecipeError:
    """A network that cannot be used, as a problem of the recipe that names it."""
    return RecipeError([Problem(ENCODER, error.message, error.remedy)])


def _own(recipe: Recipe, checkpoint: Path) -> _Network | None:
    try:
        _, values = symbols.load(checkpoint / VOCABULARY_FILE)
        if isinstance(recipe.model, PretrainedEncoderDecoder):
            return restored_pair(checkpoint, values)
        return restored(checkpoint, recipe.model, values)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelFolderError(f"the model in {checkpoint} is damaged: {error}") from error


def _fitting(recipe: Recipe, theirs: _Network | None) -> _Network | None:
    """A network of others with as many layers as the recipe says.

    Raises:
        RecipeError: if examples of the recipe are too long for it.
    """
    if isinstance(recipe.model, Gpt2):
        return from_the_beginning(recipe.model)
    if theirs is None or not isinstance(recipe.model, _NAMED):
        return None
    field, length = recipe.longest
    if isinstance(theirs, PretrainedPair):
        most = theirs.room or length
    else:
        most = (longest_written if isinstance(recipe.model, PretrainedDecoder) else longest)(theirs.config)
    if length > most:
        reason = f"{length} is longer than what the network {theirs.about.name} can read at once ({most})"
        raise RecipeError([Problem(field, reason, f"set {field} to {most} or less")])
    if isinstance(theirs, PretrainedPair) or isinstance(recipe.model, PretrainedEncoderDecoder):
        return theirs
    return theirs.with_layers(recipe.model.layers)


def _known(recipe: Recipe, task: Any) -> tuple[str, ...]:
    """The characters of a model's vocabulary in order, for a task that reads characters, too."""
    found = getattr(task, "symbols", None)
    if not isinstance(found, Symbols) or getattr(recipe.task, "unit", "character") != "character":
        return ()
    return tuple(text for text in found.texts if len(text) == 1 or text == MASK)


def _opened(recipe: Recipe) -> Opened:
    wanted = Path(recipe.training.start_from)
    try:
        opened = open_model(wanted)
    except ModelFolderError as error:
        remedy = "choose a run that has a checkpoint, or leave the field empty"
        raise RecipeError(
            [Problem(PATH, f"the weights to start from cannot be read: {error}", remedy)]
        ) from error
    _require_fit(recipe, opened.config.model, str(opened.found.folder))
    return opened


def _require_fit(recipe: Recipe, theirs: dict[str, Any], folder: str) -> None:
    ours = recipe.model.model_dump(mode="json")
    problems = [
        Problem(
            f"model.{name}",
            f"the model that training.start_from names ({folder}) has {name} {theirs[name]}, this recipe {ours[name]}",
            f"set model.{name} to {theirs[name]}, or start from another model",
        )
        for name in _SHAPE
        if name in ours and name in theirs and ours[name] != theirs[name]
    ]
    if problems:
        # Of another family nothing else can be compared.
        raise RecipeError(problems[:1] if ours["family"] != theirs["family"] else problems)


def _record_of(source: Opened) -> tuple[list[Any], dict[str, Any]]:
    """What a model had learnt from, and what it had begun with, as far as its run's record is there."""
    folder = source.found.folder
    for home in (folder, folder.parent.parent):
        environment = RunFolder.read_json(home / "environment.json")
        if environment:
            data = environment.get("data")
            sources = data.get("sources") if isinstance(data, dict) else None
            return (sources if isinstance(sources, list) else []), start.read(home)
    return [], start.read(folder)
