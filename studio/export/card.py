"""The model card of an export: what it is, what it learnt from, how well it does, under which licences."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.models.rounding import Precision
from studio.recipe.pretrained_decoder import DECODERS
from studio.recipe.task import lower_is_better
from studio.runs import start
from studio.runs.language_models import ImportedModel
from studio.tasks.model_folder import ModelConfig

_OF_OTHERS = "pretrained_"
_PAIRS = ("t5", "bart", "pretrained_encoder_decoder")
_OF_ONE_SHAPE = ("pretrained_encoder_decoder", "pretrained_decoder")
"""How what is told in place of a task begins, where a run began with a network that others have trained."""
_LABELS = {
    "character_accuracy": "Characters right",
    "sentence_accuracy": "Clauses right as a whole",
    "accuracy": "Texts right",
    "macro_precision": "Precision, mean over the labels",
    "macro_recall": "Recall, mean over the labels",
    "macro_f1": "F1, mean over the labels",
    "perplexity": "Perplexity",
    "bits_per_character": "Bits a character",
    "network_loss": "Loss of the network alone, nats a symbol",
    "network_accuracy": "Right by the network alone",
    "f1": "F1 of whole words or names",
    "precision": "Precision of whole words or names",
    "recall": "Recall of whole words or names",
    "syllable_accuracy": "Syllables right",
    "toneless_accuracy": "Syllables right, tones aside",
    "polyphone_accuracy": "Characters with several readings right",
    "polyphone_baseline": "The same, had each its most frequent reading",
    "correction_f1": "Corrected characters, F1",
    "correction_precision": "Corrected characters, precision",
    "correction_recall": "Corrected characters, recall",
    "detection_f1": "Detected characters, F1",
    "sentence_correction_f1": "Corrected sentences, F1",
    "sentence_detection_f1": "Detected sentences, F1",
    "false_alarms": "Right sentences touched",
    "mask_accuracy": "Masked characters right",
    "token_accuracy": "Symbols right, given those before",
    "exact_match": "Texts right as a whole",
    "chrf": "chrF of sacrebleu, as a share of 1",
    "bleu": "BLEU of sacrebleu, as a share of 1",
    "rouge_l": "ROUGE-L",
    "next_sentence_accuracy": "Second halves told right",
}


@dataclass(frozen=True)
class _About:
    """What the card says of a task's models."""

    what: str
    input: str
    vocabulary: str
    shares: str
    limits: str
    loss: str = "Loss, nats a character"


_ABOUT = {
    "pinyin_to_hanzi": _About(
        "Converts toneless pinyin to Chinese characters, one character a syllable.",
        "letters.txt",
        "`vocabulary.json` each syllable's characters in the order of the output units",
        "no clause with the training split; the division into syllables was given.",
        "news of January 1998 and product reviews in the default data. Names, places and words that came up later "
        "are guessed from their parts.",
    ),
    "text_classification": _About(
        "Says which of some labels a Chinese text has.",
        "texts.txt",
        "`vocabulary.json` the labels and the characters or words in the order of the input symbols",
        "no text with the training split.",
        "reviews of books, hotels and goods in the default data. Of texts of other kinds, and of irony, its "
        "probabilities say little.",
        "Loss, nats a text",
    ),
    "language_model": _About(
        "Continues Chinese text, a character at a time.",
        "beginnings.txt",
        "`vocabulary.json` the characters in the order of the input symbols",
        "no piece with the training split. Ends of texts count as characters.",
        "news of January 1998 and product reviews in the default data. What it writes sounds like them and need not "
        "be true.",
    ),
    "sequence_labelling": _About(
        "Marks words, parts of speech or names in Chinese text.",
        "texts.txt",
        "`vocabulary.json` the labels and the characters in the order of the input symbols",
        "no sentence with the training split. Accuracy is that of single characters.",
        "news of January 1998 in the default data, with the words that its editors saw in it. In texts of other kinds "
        "and other times it finds less.",
    ),
    "hanzi_to_pinyin": _About(
        "Gives Chinese text its pinyin with tones.",
        "texts.txt",
        "`vocabulary.json` the characters in the order of the input symbols, and each one's readings",
        "no sentence with the training split; readings are those that dictionaries give the words of a text.",
        "news of January 1998 and product reviews in the default data, read by pypinyin's dictionaries: what those "
        "read wrongly, it has learnt so. Tones are those of the dictionary, without what neighbours make of them.",
        "Loss, nats a hanzi",
    ),
    "correction": _About(
        "Finds wrong characters in Chinese sentences and puts the right ones there.",
        "texts.txt",
        "`vocabulary.json` the characters in the order of the input symbols",
        "no sentence with the training split. Errors were put into its sentences by confusion sets of sound and "
        "shape, the same for every model; each sentence was read with its errors and as it is.",
        "news of January 1998 and product reviews in the default data, and errors of characters alone: what is missing "
        "or too much in a sentence is not found.",
        "Loss, nats a hanzi",
    ),
    "sequence_to_sequence": _About(
        "Writes a text for a text: a translation, a transliteration, a summary.",
        "texts.txt",
        "`vocabulary.json` the symbols that are read and those that are written, in the order of their numbers",
        "no text that is read with the training split. Texts were written with the likeliest symbol each time; where "
        "the model is used, a beam finds better ones.",
        "short graded sentences in the default data. What it has not seen it makes up, fluently and wrongly; nothing "
        "that matters should rest on it.",
        "Loss, nats a written symbol",
    ),
    "masked_language_model": _About(
        "Guesses characters that are left out of Chinese text; other tasks can start from its weights.",
        "texts-with-[MASK].txt",
        "`vocabulary.json` the characters in the order of the input symbols",
        "no piece with the training split. The characters left out are the same for every model.",
        "news of January 1998 and product reviews in the default data.",
        "Loss, nats a masked character",
    ),
}


def model_card(
    config: ModelConfig,
    environment: dict[str, Any],
    mixed_in: Sequence[ImportedModel] = (),
    precision: Precision = "single",
) -> str:
    """The card as Markdown.

    Args:
        environment: the run's `environment.json`, or empty where it is not known; with the key `started_from` what
            `studio.runs.start` keeps.
        mixed_in: imported language models that are part of the n-grams.
        precision: of the weights.
    """
    about = _ABOUT.get(config.task, _ABOUT["pinyin_to_hanzi"])
    parts = [
        f"# {config.recipe}\n",
        f"{about.what} Trained with Hanzi Studio {config.studio}; weights of step {config.step}.\n",
        "## Use\n",
        f"```\nstudio predict PATH/TO/THIS/FOLDER --input {about.input}\n```\n",
        "Or open the folder in the Playground. `model.safetensors` holds the weights, `config.json` the "
        f"network, {about.vocabulary}.\n",
        *_in_python(config, precision),
        "## Network\n",
        *(f"- {name}: {_shown(name, value)}" for name, value in config.model.items()),
        "\n## Figures\n",
        f"On the validation split of the run, which shares no document and {about.shares}\n",
        "| figure | value |\n|---|---|",
        *(_figure(name, value, about) for name, value in config.metrics.items()),
        "\n## Data and licences\n",
        *_sources(environment),
        *_imported(mixed_in),
        *_laid_out(config, environment),
        *_before(environment),
        "\nThe weights are derived from these sources; whoever passes them on keeps to their licences.\n",
        "## Limits\n",
        f"The sources are what the model knows: {about.limits} Biases of the sources are the model's.\n",
    ]
    return "\n".join(parts)


def _in_python(config: ModelConfig, precision: Precision) -> list[str]:
    """How the transformers library opens the model."""
    if not _is_pretrained(config):
        lines = ["import studio.export.auto_classes", "from transformers import AutoModel"]
        lines += ['model = AutoModel.from_pretrained("PATH/TO/THIS/FOLDER")']
        said = "In Python, where Hanzi Studio is installed; `model.network` and `model.task` are the studio's own:\n"
    elif precision == "int8":
        return [
            "Its weights are rounded to 8 bits in a way of the studio's own, which other libraries do not read.\n"
        ]
    else:
        family = config.model.get("family")
        opens = "AutoModelForCausalLM" if family in DECODERS else "AutoModel"
        if family in _PAIRS:
            return _pair_in_python()
        lines = [f"from transformers import {opens}, AutoTokenizer"]
        lines += [f'model = {opens}.from_pretrained("PATH/TO/THIS/FOLDER")']
        lines += ['tokenizer = AutoTokenizer.from_pretrained("PATH/TO/THIS/FOLDER")']
        said = (
            "The network opens with the transformers library alone. What the task has put on top stands beside its "
            "weights under names that begin with `studio.`, which the library says it does not use:\n"
        )
    return [said, "```python", *lines, "```\n"]


def _pair_in_python() -> list[str]:
    lines = ["from transformers import AutoModelForSeq2SeqLM, AutoTokenizer"]
    lines += ['model = AutoModelForSeq2SeqLM.from_pretrained("PATH/TO/THIS/FOLDER")']
    lines += ['tokenizer = AutoTokenizer.from_pretrained("PATH/TO/THIS/FOLDER")']
    lines += ['written = model.generate(**tokenizer("TEXT", return_tensors="pt"))']
    lines += ["print(tokenizer.decode(written[0], skip_special_tokens=True))"]
    said = (
        "The network opens with the transformers library alone, which begins and ends texts as the studio does. Where "
        "texts are read in words there is no `tokenizer.json`, since that library cannot cut them:\n"
    )
    return [said, "```python", *lines, "```\n"]


def _is_pretrained(config: ModelConfig) -> bool:
    return config.model.get("family") in ("pretrained_encoder", *DECODERS, *_PAIRS)


def _shown(name: str, value: Any) -> Any:
    """A value of the network's section; of a folder of somebody's machine its name alone."""
    return (
        Path(value).name
        if name == "source" and isinstance(value, str) and Path(value).is_absolute()
        else value
    )


def _figure(name: str, value: float | None, about: _About) -> str:
    label = about.loss if name == "validation_loss" else _LABELS.get(name, name)
    if value is None:
        return f"| {label} | not measured |"
    if lower_is_better(name) and name != "false_alarms":
        return f"| {label} | {value:.4f} |"
    return f"| {label} | {value:.2%} |"


def _sources(environment: dict[str, Any]) -> list[str]:
    try:
        return _table(environment["data"]["sources"])
    except (KeyError, TypeError, ValueError):
        return ["The run's record was not beside the checkpoint; its sources are not known here."]


def _table(sources: Sequence[dict[str, Any]]) -> list[str]:
    rows = ["| source | holds | licence as stated |", "|---|---|---|"]
    for source in sources:
        words, characters = int(source["entries"]), int(source["characters"])
        holds = f"{words:,} words" if words else f"{characters:,} characters"
        rows.append(f"| {source['title']} | {holds} | {source['licence']} |")
    return rows


def _before(environment: dict[str, Any]) -> list[str]:
    """What the model had learnt from whose weights the run began with, and the one before that."""
    parts: list[str] = []
    for began in start.chain(environment.get("started_from") or {}):
        if str(began.get("task")).startswith(_OF_OTHERS):
            parts.append(_network(began))
            continue
        sources = ["Nothing is known of its sources here."]
        with contextlib.suppress(KeyError, TypeError, ValueError):
            sources = _table(began["sources"]) if began["sources"] else sources
        what = f"{began.get('name')} ({began.get('task')}, step {began.get('step')})"
        parts += [f"\nIt began with the weights of {what}, which had learnt from:\n", *sources]
    return parts


def _laid_out(config: ModelConfig, environment: dict[str, Any]) -> list[str]:
    """Whose shape a network has that began at random."""
    source = config.model.get("source")
    if not source or environment.get("started_from") != {} or config.model.get("family") not in _OF_ONE_SHAPE:
        return []
    return [
        f"\nIts shape and its tokenizer are those of {_shown('source', source)}; its weights began at random."
    ]


def _network(began: Mapping[str, Any]) -> str:
    licence, kind = began.get("licence"), str(began["task"]).removeprefix(_OF_OTHERS).replace("_", "-")
    stated = f"licence as its folder states it: {licence}" if licence else "its folder states no licence"
    return (
        f"\nIt began with the weights of the {kind} {began.get('name')}, trained by others ({stated}). What that had "
        "learnt from is not known here.\n"
    )


def _imported(models: Sequence[ImportedModel]) -> list[str]:
    if not models:
        return []
    rows = [
        f"| {model.name} ({', '.join(model.sources)}) | {model.words:,} words, {model.pairs:,} pairs, "
        f"{model.triples:,} triples | {model.licence} |"
        for model in models
    ]
    return [
        *rows,
        "\nThe last of these are mixed into `ngrams.safetensors`, and into nothing else; their licences lie beside "
        "it. Without that file the model types by its network alone.",
    ]
