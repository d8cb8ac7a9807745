"""What workers refuse and how runs fail, in the window's language: English sentences of known shapes."""

from __future__ import annotations

import re

from studio.gui.i18n import tr
from studio.gui.widgets import data_refusals, encoder_refusals, table_refusals
from studio.runs.events import Failed
from studio.runs.requests import Refused

_SHAPES = (
    *encoder_refusals.SHAPES,
    (r"there is no file (.*)", "There is no file {0}."),
    (r"there is no folder (.*); .*", "There is no folder {0}."),
    (r"(.*) is empty", "{0} is empty."),
    (r"(.*) holds nothing but blanks", "{0} holds nothing but blanks."),
    (r"(.*) holds no Chinese characters", "{0} holds no Chinese characters."),
    (r"(.*) is a folder", "{0} is a folder."),
    (r"(.*) is no ordinary file", "{0} is no ordinary file."),
    (r"(.*) may not be read", "You are not allowed to read {0}."),
    (r"(.*) cannot be read: (.*)", "{0} cannot be read: {1}."),
    (r"(.*) is neither UTF-8 nor GB18030: .*", "{0} is neither UTF-8 nor GB18030."),
    (r"(.*) is in an encoding that is not recognised", "The encoding of {0} is not recognised."),
    (r"'(.*)', given for (.*), is no text encoding", "'{0}', given for {1}, is no text encoding."),
    (r"(.*) cannot be read as (\S+): .*", "{0} cannot be read as {1}."),
    (r"(.*) holds NUL characters when read as (\S+), .*", "{0} is no text when it is read as {1}."),
    (r"(.*) looks like UTF-16 without its mark", "{0} looks like UTF-16 without its mark."),
    (r"(.*) is not text: .*", "{0} is not a text file."),
    (r"(.*) is not valid (\S+): .*", "{0} is not valid {1}."),
    (r"(.*) holds no usable word .*", "{0} holds no usable word."),
    (r"(.*) is a binary file that is not known", "{0} is a binary file of an unknown kind."),
    (r"(.*) is a damaged cell dictionary, or of a kind .*", "{0} is a damaged cell dictionary, or of an unknown kind."),
    (r"(.*): its header (?:is no YAML|names no column).*", "The header of {0} cannot be read."),
    (r"all dictionaries together may hold (\d+) words, these are (\d+)",
        "All dictionaries together may hold {0} words; these are {1}."),
    (r"(.*) cannot be used now: (.*)", "{0} cannot be used now: {1}."),
    (r"(.*) is there already", "{0} is there already."),
    (r"nothing has been learnt from typing yet; .*", "Nothing has been learnt from typing yet."),
    (r"the run has no validation sentences .*", "The run has no validation sentences to compare with."),
    (r"(.*) is damaged \((.*)\); move it away to begin anew", "{0} is damaged ({1}); move it away to begin anew."),
    (r"what was learnt from typing was written by a newer studio: .*",
        "What was learnt from typing was written by a newer Hanzi Studio."),
    (r"the model in (.*) types pinyin; .*", "The model in {0} types pinyin: it cannot be used for this."),
    (r"the model in (.*) classifies texts; .*", "The model in {0} classifies texts: it cannot be used for this."),
    (r"the model in (.*) gives texts their pinyin; .*",
        "The model in {0} gives texts their pinyin: it cannot be used for this."),
    (r"(.*) holds no line with hanzi, a tab, and their pinyin with tones",
        "{0} holds no line with hanzi, a tab, and their pinyin with tones."),
    (r"the model in (.*) marks words and names; .*",
        "The model in {0} marks words and names: it cannot be used for this."),
    (r"(.*) marks no words", "{0} marks no words."),
    (r"(.*) marks words and no more", "{0} marks words, but neither parts of speech nor names."),
    (r"the training texts mark nothing that could be learnt",
        "The training texts mark nothing that could be learnt."),
    (r"(.*) holds no sentence with labels of the model", "{0} holds no sentence with labels of the model."),
    (r"the model in (.*) continues texts; .*", "The model in {0} continues texts: it cannot be used for this."),
    (r"(.*) has no labels, which a classification learns", "{0} has no labels to learn from."),
    (r"(.*) has no target texts, which .* learns", "{0} has no target texts to learn from."),
    (r"the model in (.*) writes a text for a text; .*",
        "The model in {0} writes a text for a text: it cannot be used for this."),
    (r"there is nothing to tell apart: .*", "All training texts have the same label."),
    (r"the texts have (\S+) different labels; (\S+) is the most",
        "The texts have {0} different labels; {1} is the most."),
    (r"the package (\S+), .*, is not installed", "The package {0}, which holds this source, is not installed."),
    (r"the disk is full: .*", "The disk is full."),
    (r"no example is left for the (\S+) split: .*", "No example is left for the {0} split."),
    (r"(.*) is no run, checkpoint or exported folder", "{0} is no run, checkpoint or exported folder."),
    (r"(.*) holds no model: .*", "{0} holds no model."),
    (r"(.*) holds no weights: .*", "{0} holds no weights."),
    (r"the run (.*) has saved no checkpoint yet; .*", "This run has saved no weights yet."),
    (r"the model in (.*) is damaged: .*", "The model in {0} is damaged."),
    (r"(.*) is damaged or belongs to another model: .*", "{0} is damaged or belongs to another model."),
    (r"(.*) (?:was written as run|holds a model of) format (\d+); .*", "{0} was written by a newer Hanzi Studio."),
    (r"The loss or the gradient is no longer a number at step (\d+)\.",
        "The loss or the gradient is no longer a number at step {0}."),
    (r"The loss or the gradient is no longer a number at step (\d+)\. So were (\d+) before it in a row\.",
        "The loss or the gradient is no longer a number at step {0}, nor was it in the {1} steps before."),
    (r"The weights are no longer numbers at step (\d+)\.", "The weights are no longer numbers at step {0}."),
    (r"Memory ran out: (.*)\. At its peak this process held (\S+) MiB\.",
        "Memory ran out: {0}. At its peak this process held {1} MiB."),
    (r"Memory ran out: (.*)\. At its peak the GPU held (\S+) MiB\.",
        "Memory ran out: {0}. At its peak the GPU held {1} MiB."),
    (r"The device is lost: (.*)", "The device is lost: {0}"),
    (r"The model could not be compiled: (.*)", "The model could not be compiled: {0}"),
    (r"(.*) is no longer there\.", "{0} is no longer there."),
    (r"The disk is full.*", "The disk is full."),
    (r"The run folder cannot be written.*: (.*)\.", "The run folder cannot be written: {0}."),
    (r"Reading or writing failed.*?: (.*)\.", "Reading or writing failed: {0}."),
    (r"process (\d+) is writing to (.*); .*", "Process {0} is writing to {1}."),
    (r"the data are no longer those that the run began with: a text, .* has changed since; .*",
        "A text, or the version of a package that reads it, has changed since the run began; it cannot go on."),
    (r"the data are no longer those that the run began with: (.*) has changed since; .*",
        "{0} has changed since the run began; it cannot go on."),
    (r"(\S+) asks for .* and (?:it has \d+ on this machine|.*none.*)", "This machine has no device {0}."),
    (r"fp16 can be trained in on a GPU only\.", "Training in fp16 needs a GPU."),
    (r"half precision with scaled losses .*", "Half precision with scaled losses does not go with FSDP."),
    (r"the recipe trains on (\d+) machines, .*", "This recipe trains on {0} machines, and this is a single one."),
    (r"(\d+) processes need as many GPUs, and this machine has (\d+)\.",
        "{0} processes need as many GPUs, and this machine has {1}."),
    (r"process (\d+) of the run ended \((.*)\)\.", "Process {0} of the run ended ({1})."),
    (r"process (\d+) of the run failed: (.*)\.", "Process {0} of the run failed: {1}."),
    (r"process (\d+) of the run did not come\.", "Process {0} of the run did not come."),
    (r"the processes of the run have lost each other: (.*)\.",
        "The processes of the run have lost each other: {0}."),
    (r"there are no sentences of (\d+) to (\d+) characters to type",
        "There are no sentences of {0} to {1} characters to type."),
    (r"the examination ended unexpectedly: (.*)", "The examination of the data ended unexpectedly: {0}."),
    (r"the recipe has no step (\d+)", "The recipe has no step {0}."),
    (r"the preparation steps leave no document with Chinese characters",
        "The preparation steps leave no document with Chinese characters."),
    (r"the evaluation ended unexpectedly: (.*)", "The evaluation ended unexpectedly: {0}."),
    (r"(.*) holds no line with Chinese words and counts.*", "{0} holds no line with Chinese words and counts."),
    (r"(.*) holds no word of Chinese characters .*", "{0} holds no word of Chinese characters."),
    (r"(.*) is packed in a way that is not read here", "{0} is packed in a way that is not read here."),
    (r"(.*) is a model packed by KenLM, .*", "{0} was packed by KenLM, and its words cannot be listed."),
    (r"(.*) is a whole model and stands alone", "{0} is a whole model and stands alone."),
    (r"(.*) holds no words with pinyin", "{0} holds no words with pinyin."),
    (r"there is no licence file (.*)", "There is no licence file {0}."),
    (r"the model in (.*) has no n-grams, .*", "The model in {0} has no n-grams, so there is nothing to weigh."),
    (r"it has (\d+) cells?, not (\d+)", "It has {0} cells, not {1}."),
    (r"it is not JSON: (.*)", "It is not JSON: {0}."),
    (r"its quotes do not fit together", "Its quotes do not fit together."),
    (r"it is nested too deeply", "It is nested too deeply."),
    (r"it is not (\S+)", "It is not {0}."),
    (r"(.*): ([\d,]+) documents? without a single hanzi set aside", "{0}: {1} documents without hanzi set aside."),
    (r"(.*): ([\d,]+) documents? set aside because an earlier one has the same hanzi",
        "{0}: {1} repeated documents set aside."),
    (r"(.*): ([\d,]+) lines? set aside \(line ([\d,]+): (.*)\)", "{0}: {1} lines set aside, the first one line {2}."),
    (r"step (\d+) \((\w+)\): ([\d,]+) documents? dropped", "Step {0} dropped {2} documents."),
    (r"step (\d+) \((\w+)\): ([\d,]+) documents? changed", "Step {0} changed {2} documents."),
    (r"([\d,]+) examples? of the validation and test splits left out because they occur before",
        "{0} examples of the validation and test splits left out because they occur before."),
    (r"([\d,]+) examples with (.) left out: no reading is known for it",
        "{0} examples with {1} left out: no reading is known for it."),
    (r"([\d,]+) words of the lexicons set aside: no reading is known for them",
        "{0} words of the word lists set aside: no reading is known for them."),
    (r"the trainer did not start: (.*)", "The trainer did not start: {0}."),
    (r"the trainer ended unexpectedly \((.*?)\)(?:: .*)?", "The trainer ended unexpectedly ({0})."),
    (r"the trainer did not end when asked, and was ended by force \((.*)\)",
        "The trainer did not end when asked, and was ended by force ({0})."),
    *table_refusals.SHAPES,
    *data_refusals.SHAPES,
)  # fmt: skip
_REMEDIES = {
    **data_refusals.REMEDIES,
    "add text, let a document be a line, or raise the share of the split":
        "Add text, let a document be a line, or raise the share of the split.",
    "allow shorter or longer ones": "Allow shorter or longer ones.",
    "ask for permission to read it, or copy it": "Ask for permission to read it, or copy it.",
    "check the disk": "Check the disk.",
    "choose one of its steps": "Choose one of its steps.",
    "look at their preview, and take out or loosen the step that drops them":
        "Look at their preview, and take out or loosen the step that drops them.",
    "export it as text from the input method it belongs to, and import that":
        "Export it as text from the input method it belongs to, and import that.",
    "save it as text with Sogou's own program or a converter, and import that":
        "Save it as text with Sogou's own program or a converter, and import that.",
    "mend what stands above the line `...`": "Mend what stands above the line `...`.",
    "mend `columns:` in its header": "Mend `columns:` in its header.",
    "give a dictionary of rime, fcitx 5 or Sogou, or a word a line with its pinyin behind a tab":
        "Give a dictionary of rime, fcitx 5 or Sogou, or a word a line with its pinyin behind a tab.",
    "remove another dictionary, or shorten this one": "Remove another dictionary, or shorten this one.",
    "check the path and the disk": "Check the path and the disk.",
    "check the path, or choose the file again": "Check the path, or choose the file again.",
    "choose a file that holds text": "Choose a file that holds text.",
    "choose a file with Chinese text, or name its encoding in the recipe":
        "Choose a file with Chinese text, or name its encoding.",
    "choose a plain text file (.txt)": "Choose a plain text file (.txt).",
    "choose a text file": "Choose a text file.",
    "give a file of label<TAB>text lines, or a table with a label column":
        "Give a file of lines with a label, a tab and a text, or a table with a label column.",
    "add texts with other labels": "Add texts with other labels.",
    "choose another label column": "Choose another label column.",
    "choose one text file in it": "Choose one text file in it.",
    "copy or load it again": "Copy or load it again.",
    "give an ARPA file, or lines of `word<TAB>count`, `word<TAB>word<TAB>count` or `word<TAB>pin yin`":
        "Give an ARPA file, or lines of a word and a count, two words and a count, or a word and its pinyin.",
    "give its ARPA file, which `lmplz` writes and `build_binary` is given, or install the optional package kenlm to "
    "ask it about known words": "Give its ARPA file, which lmplz writes, or install the package kenlm.",
    "import the model again": "Import the model again.",
    "import the other files by themselves": "Import the other files by themselves.",
    "train it anew: models of this studio count n-grams before they learn":
        "Train it anew: models of this studio count n-grams before they learn.",
    "make room, or set STUDIO_HOME to a folder on another disk":
        "Make room, or set STUDIO_HOME to a folder on another disk.",
    "put the files back as they were and resume, or start a new run":
        "Put the files back as they were and resume, or start a new run.",
    "save the file as UTF-8 text, or name its encoding in the recipe":
        "Save the file as UTF-8 text, or name its encoding.",
    **table_refusals.REMEDIES,
}  # fmt: skip
# Sentences of which the advice after a failed run is made.
_ADVICE = (
    "A batch holds no more than one of the longest examples already: choose a smaller model or a lower "
    "data.cleaning.max_length.",
    "Check the disk.",
    "Free some space, then start again.",
    "Gradient checkpointing takes less memory, too.",
    "Halve training.token_budget and double training.accumulation, or choose a smaller model.",
    "If it fails again, restart the machine, or set compute.device to cpu.",
    "Lower training.learning_rate or raise training.warmup_steps.",
    "Make it writable.",
    "Make room or make the folder writable.",
    "Mend the data or choose another source.",
    "Mend the recipe; `studio recipe check` lists what is wrong.",
    "Saved checkpoints are whole and can be used; worker.log in the run folder holds what it said.",
    "Put the file back, then resume the run.",
    "If it happens again, worker.log in the run folder says more.",
    "Resume the run from its last checkpoint.",
    "Resume the run: a new process may get the device back.",
    "Set compute.compile to false, or install a C++ compiler.",
    "Set compute.device to auto or cpu.",
    "Set training.precision to auto, fp32 or bf16.",
    "Start it on all of them with torchrun (Run ▸ Cluster command… shows how), or set compute.nodes to 1.",
    "Start a new run from a good recipe.",
    "Start a new run, or repair the folder from a copy.",
    "The last checkpoint is whole and can be used; what was learnt after it is lost.",
    "The last saved checkpoint is whole and can be used.",
    "This is a fault of the studio: report it with the trace.",
    "Wait for that run, or start a new one.",
)


def failure_texts(failure: Failed) -> tuple[str, str]:
    """Why a run failed, and what to do."""
    known = _REMEDIES.get(failure.fix)
    if known:
        return said(failure.cause), tr(known)
    sentences = re.split(r"(?<=[.])\s+", failure.fix)
    return said(failure.cause), " ".join(_sentence(sentence) for sentence in sentences)


def what_text(refused: Refused) -> str:
    """What went wrong."""
    return said(refused.message)


def said(message: str) -> str:
    """A worker's English sentence in the window's language, or as it is if its shape is not known."""
    for shape, english in _SHAPES:
        found = re.fullmatch(shape, message, re.DOTALL)
        if found:
            return tr(english).format(*found.groups())
    return _sentence(message)


def remedy_text(refused: Refused) -> str:
    """What would be right; may be empty."""
    known = _REMEDIES.get(refused.remedy)
    return tr(known) if known else _sentence(refused.remedy)


def refusal_text(refused: Refused) -> str:
    """Both in a line."""
    what = what_text(refused)
    return f"{what}{'' if what.endswith('。') else ' '}{remedy_text(refused)}".strip()


def _sentence(text: str) -> str:
    # The lab client has put some of them into the window's language already.
    # Advice is known as whole sentences, which begin and end as sentences do.
    whole = text[:1].upper() + text[1:] + ("" if not text or text[-1] in ".。!?" else ".")
    text = tr(whole if whole in _ADVICE else text) if text else ""
    return text[:1].upper() + text[1:] + ("" if not text or text[-1] in ".。!?" else ".")


def all_texts() -> set[str]:
    """Every English text shown from here, for the test that wants them all translated."""
    return {english for _, english in _SHAPES} | set(_REMEDIES.values()) | set(_ADVICE)
