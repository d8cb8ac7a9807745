"""The words of a form: choices by name, and a recipe's complaints in the window's language."""

from __future__ import annotations

import re

from studio.gui.forms.values import number_text
from studio.gui.i18n import tr
from studio.recipe import FieldDescription, Problem, describe, walk

CHOICES = {
    "adafactor": "Adafactor",
    "adamw": "AdamW",
    "arrow": "Arrow data set",
    "auto": "Automatic",
    "bf16": "bf16",
    "blank_line": "Up to a blank line",
    "character_accuracy": "Character accuracy",
    "clause": "Clause",
    "constant": "Constant",
    "both": "Both",
    "cosine": "Cosine",
    "csv": "CSV",
    "ddp": "DDP",
    "file": "The whole file",
    "fp16": "fp16",
    "fp32": "fp32",
    "fsdp": "FSDP",
    "gru": "GRU",
    "json": "JSON",
    "jsonl": "JSON lines",
    "line": "One line",
    "linear": "Linear",
    "lion": "Lion",
    "lstm": "LSTM",
    "network": "Network",
    "ngrams": "Counts",
    "no": "No",
    "one_cycle": "One cycle",
    "parquet": "Parquet",
    "pinyin_to_hanzi": "Pinyin to hanzi",
    "plateau": "Plateau",
    "recurrent": "Recurrent",
    "rnn": "Plain RNN",
    "sentence": "Sentence",
    "sentence_accuracy": "Sentence accuracy",
    "sgd": "SGD",
    "skip": "Leave the step out",
    "stop": "End the run",
    "text": "Text lines",
    "transformer_encoder": "Transformer",
    "tsv": "Tabs (TSV)",
    "typing_char": "Characters right when typed",
    "typing_top1": "Sentences right when typed",
    "validation_loss": "Validation loss",
    "text_classification": "Text classification",
    "text_cnn": "TextCNN",
    "pretrained_encoder": "Pretrained encoder",
    "pretrained_encoder_decoder": "Pretrained encoder and decoder",
    "t5": "T5",
    "bart": "BART",
    "relu": "ReLU",
    "gated_gelu": "Gated GELU",
    "pretrained_decoder": "Pretrained decoder",
    "gpt2": "GPT-2",
    "first": "The first ones",
    "spaced": "Evenly spaced ones",
    "language_model": "Language model",
    "hanzi_to_pinyin": "Hanzi to pinyin",
    "sequence_labelling": "Words and names",
    "words": "Word boundaries",
    "parts_of_speech": "Parts of speech",
    "entities": "Names",
    "bmes": "BMES",
    "bio": "BIO",
    "f1": "F1 of spans",
    "precision": "Precision of spans",
    "recall": "Recall of spans",
    "syllable_accuracy": "Syllables right",
    "toneless_accuracy": "Syllables right, tones aside",
    "polyphone_accuracy": "Polyphones right",
    "masked_language_model": "Masked language model",
    "mask_accuracy": "Blanks right",
    "correction": "Correction",
    "sequence_to_sequence": "Text to text",
    "text_to_target": "Text to target",
    "target_to_text": "Target to text",
    "text_to_pinyin": "Text to pinyin",
    "pinyin_to_text": "Pinyin to text",
    "recurrent_encoder_decoder": "Recurrent encoder and decoder",
    "transformer_encoder_decoder": "Transformer encoder and decoder",
    "token_accuracy": "Symbols right",
    "exact_match": "Texts right",
    "chrf": "chrF",
    "bleu": "BLEU",
    "rouge_l": "ROUGE-L",
    "graded_sentences": "Graded sentences",
    "correction_f1": "Correction F1",
    "correction_precision": "Correction precision",
    "correction_recall": "Correction recall",
    "detection_f1": "Detection F1",
    "sentence_correction_f1": "Correction F1, sentences",
    "sentence_detection_f1": "Detection F1, sentences",
    "false_alarms": "False alarms",
    "next_sentence_accuracy": "Next sentence right",
    "causal_transformer": "Causal Transformer",
    "causal_recurrent": "Causal recurrent",
    "causal_cnn": "Causal CNN",
    "perplexity": "Perplexity",
    "bits_per_character": "Bits per character",
    "network_loss": "Loss of the network alone",
    "network_accuracy": "Accuracy of the network alone",
    "character": "Character",
    "word": "Word",
    "max": "Maximum",
    "mean": "Mean",
    "attention": "Attention",
    "last": "Ends of the text",
    "balanced": "Balanced",
    "none": "None",
    "accuracy": "Accuracy",
    "macro_precision": "Macro precision",
    "macro_recall": "Macro recall",
    "macro_f1": "Macro F1",
    "xlsx": "Excel",
    "yes": "Yes",
    "keep": "Keep",
    "chinese": "Chinese",
    "latin": "Latin",
    "simplified": "Simplified",
    "traditional": "Traditional",
    "standard": "Standard",
    "taiwan": "Taiwan",
    "hong_kong": "Hong Kong",
    "stars": "Stars",
    "tag": "Word in brackets",
    "remove": "Remove",
    "document": "Whole document",
    "drop": "Drop",
    "truncate": "Beginning",
    "slide": "Sliding window",
    "normalise_widths": "Normalise widths",
    "remove_markup": "Remove markup",
    "remove_controls": "Remove control characters",
    "repair_encoding": "Repair mojibake",
    "convert_script": "Convert the script",
    "mask_personal": "Mask personal data",
    "replace_pattern": "Replace by a pattern",
    "filter_length": "Filter by length",
    "filter_hanzi": "Filter by hanzi",
    "filter_pattern": "Filter by a pattern",
    "drop_repeats": "Drop repetitions",
    "drop_near_repeats": "Drop near repetitions",
    "cut_sentences": "Cut into sentences",
    "cut_words": "Cut into words",
    "cut_long": "Cut long texts",
    "repeat_characters": "Repeat characters",
    "replace_characters": "Replace characters",
    "insert_characters": "Insert characters",
    "delete_characters": "Delete characters",
    "swap_characters": "Swap characters",
    "homophones": "Homophones",
    "similar_shapes": "Similar shapes",
    "fuzzy_sounds": "Fuzzy sounds",
    "typing_slips": "Slips in typing",
    "z_zh": "z/zh",
    "c_ch": "c/ch",
    "s_sh": "s/sh",
    "l_n": "l/n",
    "f_h": "f/h",
    "r_l": "r/l",
    "an_ang": "an/ang",
    "en_eng": "en/eng",
    "in_ing": "in/ing",
    "ian_iang": "ian/iang",
    "uan_uang": "uan/uang",
    "group": "Group and file",
    "date": "Date",
    "label": "Label",
    "source": "Source",
    "drawn": "Drawn at random",
    "train": "Training",
    "validation": "Validation",
    "test": "Test",
    "names": "Names of its files",
    "over": "Repeat the rare",
    "under": "Leave some out",
    "same": "Repeat and leave out",
    "square_root": "Square root",
    "subword": "Subword",
    "bpe": "Byte-pair encoding",
    "unigram": "Unigram",
    "wordpiece": "WordPiece",
    "learnt": "Learnt vectors",
    "one_hot": "One-hot",
}
"""English words for choices and families; a choice that is not here is shown by its own name."""

UNITS = {"characters": "hanzi"}
"""Units that forms call by a better word than the recipe's."""

_PATTERNS = (
    (r"width (\d+) is not a multiple of heads (\d+); heads (\d+) would fit",
     "The width {0} is not a multiple of the {1} heads; {2} heads would fit."),
    (r"every source is a lexicon; add running text.*", "Every source is a word list: add running text as well."),
    (r"the source '(.*)' is named twice.*", "'{0}' is named twice: name each source once."),
    (r"model\.family (\S+) does not go with the task (\S+); one of (.*)",
     "{0} does not go with the task {1}: take {2}."),
    (r"data\.sources: (\S+) marks no words, .*",
     "{0} marks no words: use the People's Daily, or files of word/tag tokens."),
    (r"data\.sources: (\S+) has no labels, .*",
     "{0} has no labels: use the reviews, files of label, tab and text, or tables with a label column."),
    (r"data\.sources: (\S+) has no target texts, .*",
     "{0} has no target texts: use the graded sentences, tables with two columns of text, files of text, tab and "
     "target, or learn pinyin from it."),
    (r"one vocabulary for both sides needs one unit; .*",
     "One vocabulary for both sides needs the same unit on both."),
    (r"vocabulary\.source cannot be used here, .*",
     "Each side has a vocabulary of its own here: leave 'Taken from' empty."),
    (r"(?:data\.cleaning|task)\.\w+ (\d+) is longer than model\.max_length (\d+); raise .* to (\d+) or more",
     "The longest example ({0}) is longer than the longest input of the model ({1}): raise that to {2} or more."),
    (r"training\.(?:early_stopping\.metric|checkpoints\.best_metric) '(.*)' is no figure .*; one of (.*)",
     "'{0}' is no figure that this task reports; it reports {1}."),
    (r"no evaluation reports '(.*)'", "No evaluation reports '{0}'."),
    (r"the weights to start from cannot be read: (.*)", "The weights to start from cannot be read: {0}."),
    (r"the model that training\.start_from names \((.*)\) has (\S+) (\S+), this recipe (\S+)",
     "The model to start from ({0}) has {1} {2}, this recipe {3}."),
    (r"is empty; give the folder of a pretrained encoder .*",
     "No encoder is named: choose its folder or write its name on the Hugging Face hub, or start from a run with one."),
    (r"is empty; give the folder of a pretrained decoder .*",
     "No network is named: choose its folder or write its name on the Hugging Face hub, or start from a run with one."),
    (r"task\.unit word does not go with model\.family (\S+), .*",
     "{0} does not go with words: take characters or subwords."),
    (r"task\.vocabulary does not go with model\.family pretrained_decoder, .*",
     "A pretrained decoder brings its own vocabulary: leave the vocabulary's settings as they were."),
    (r"compute\.strategy fsdp does not go with model\.family (gpt2|pretrained_decoder); .*",
     "FSDP does not go with {0}: choose the strategy DDP."),
    (r"is empty; give the folder of an encoder-decoder .*",
     "No network is named: choose its folder or write its name on the Hugging Face hub, or start from a run with one."),
    (r"task\.(?:source|target)_unit (\S+) does not go with model\.family pretrained_encoder_decoder, .*",
     "{0} does not go with a pretrained encoder and decoder, which has pieces of its own: read and write in subwords, "
     "with one vocabulary."),
    (r"task\.shared false does not go with model\.family (\S+), .*",
     "{0} has one vocabulary for both sides: switch 'One vocabulary' on, with the same unit on both sides."),
    (r"task\.vocabulary does not go with model\.family pretrained_encoder_decoder, .*",
     "A pretrained encoder and decoder bring their own vocabulary: leave the vocabulary's settings as they were."),
    (r"task\.vocabulary\.embedding one_hot does not go with model\.family (\S+), .*",
     "The vectors of {0} are shared with its output: choose learnt ones as the input layer."),
    (r"compute\.strategy fsdp does not go with model\.family (t5|bart|pretrained_encoder_decoder); .*",
     "FSDP does not go with {0}: choose the strategy DDP."),
    (r"task\.unit (\S+) does not go with model\.family pretrained_encoder, .*",
     "{0} does not go with a pretrained encoder: take its own pieces (subword), or characters."),
    (r"task\.vocabulary does not go with model\.family pretrained_encoder, .*",
     "A pretrained encoder brings its own vocabulary: leave the vocabulary's settings as they were."),
    (r"compute\.strategy fsdp does not go with model\.family pretrained_encoder; .*",
     "FSDP does not go with a pretrained encoder: choose the strategy DDP."),
    (r"training\.lora does not go with model\.family (\S+); .*",
     "LoRA does not go with {0}: set its rank to 0, or take a Transformer or a pretrained encoder."),
    (r"training\.lora leaves a network as it is that has learnt nothing yet; .*",
     "With LoRA a network stays as it is, and this one knows nothing yet: start from a run, or set the rank to 0."),
    (r"training\.lora does not go with compute\.strategy fsdp; .*",
     "LoRA does not go with FSDP: choose the strategy DDP."),
    (r"compute\.device (\S+) is a single device; .*",
     "{0} is a single device: several processes take auto, cuda or cpu."),
    (r"training\.ema_decay does not go with compute\.strategy fsdp; .*",
     "An average of the weights does not go with FSDP: set its decay to 0, or the strategy to DDP."),
    (r"training\.optimizer (\S+) does not go with compute\.strategy fsdp; .*",
     "{0} does not go with FSDP: choose AdamW or SGD, or the strategy DDP."),
    (r"training\.precision fp16 does not go with compute\.strategy fsdp; .*",
     "fp16 does not go with FSDP: choose bf16, or the strategy DDP."),
    (r"the pattern is not understood: (.*)", "The pattern is not understood: {0}."),
    (r"the replacement names a group (\S+) that the pattern does not have",
     "The replacement names group {0}, which the pattern does not have."),
    (r"the longest \((\d+)\) is below the shortest \((\d+)\); .*",
     "The longest ({0}) is below the shortest ({1}): nothing would be left."),
    (r"the overlap (\d+) is more than half of the window (\d+)",
     "The overlap ({0}) is more than half of the window ({1})."),
    (r"data\.augmentation\.\d+ \((\S+)\) does not go with the task (\S+); (.*)",
     "{0} does not go with the task {1}: {2}."),
    (r"data\.augmentation\.\d+ \((\S+)\) cuts syllables down to their initials, .*",
     "{0} cuts syllables down to their initials, but the network reads whole syllables: set “Initials only” to 0."),
    (r"data\.sources: the word list (.*) does not go with the task (\S+), which .*",
     "The word list {0} does not go with the task {1}: take it out."),
    (r"data\.balance\.by label does not go with the task (\S+), whose .*",
     "data.balance.by label does not go with the task {0}: balance the sources, or switch re-sampling off."),
    (r".*greater than or equal to (\S+), not .*", "At least {0}."),
    (r".*less than or equal to (\S+), not .*", "At most {0}."),
    (r".*greater than (\S+), not .*", "Must be above {0}."),
    (r".*less than (\S+), not .*", "Must be below {0}."),
    (r".*valid integer.*", "A whole number is needed."),
    (r".*valid number.*", "A number is needed."),
    (r".*should match pattern.*", "This is not written as it should be."),
    (r".*at least (\d+) characters?, not .*", "At least {0} characters."),
    (r".*at most (\d+) characters?, not .*", "At most {0} characters."),
    (r".*at least (\d+) items? after.*", "At least {0} is needed."),
    (r".*at most (\d+) items? after.*", "At most {0} are allowed."),
    (r"is missing", "This is missing."),
    (r"unknown key '(.*)'", "'{0}' is not known here."),
)  # fmt: skip
_REMEDIES = ((r"did you mean '(.*)'\?", "Did you mean '{0}'?"), (r"one of (.*)", "One of {0}."))


def choice_text(value: str) -> str:
    """A choice in words."""
    return tr(CHOICES.get(value, value.replace("_", " ")))


def unit_text(field: FieldDescription) -> str:
    """The unit shown behind a value."""
    return tr(UNITS.get(field.unit, field.unit)) if field.unit else ""


def bounds_text(field: FieldDescription) -> str:
    """The allowed range in words, or an empty string."""
    low = high = ""
    if field.minimum is not None:
        low = tr("above {0}" if field.exclusive_minimum else "at least {0}").format(_grouped(field.minimum))
    if field.maximum is not None:
        high = tr("below {0}" if field.exclusive_maximum else "at most {0}").format(_grouped(field.maximum))
    return ", ".join(part for part in (low, high) if part)


def _grouped(value: float) -> str:
    return f"{int(value):,}" if value == int(value) else number_text(value)


def explain(problem: Problem, field: FieldDescription | None = None) -> str:
    """What is wrong and what would be right, without saying where."""
    reason = _translated(problem.reason, _PATTERNS)
    if field is not None and field.kind in ("integer", "number") and "valid" not in problem.reason:
        bounds = bounds_text(field)
        if bounds and re.search(r"(greater|less) than", problem.reason):
            reason = tr("Allowed: {bounds}.", bounds=bounds)
    remedy = _translated(problem.remedy, _REMEDIES)
    stop = "" if not remedy or reason.endswith((".", "。", "!", "?", "？")) else "."
    gap = "" if reason.endswith("。") else " "
    return f"{reason}{stop}{gap}{remedy}".strip()


def place_text(path: str) -> str:
    """Where a problem is, by the titles a person sees: `Training › Steps`."""
    titles = _titles()
    words, parts = [], path.split(".") if path else []
    for depth in range(1, len(parts) + 1):
        title = titles.get(".".join(parts[:depth]))
        if title:
            words.append(tr(title))
        elif parts[depth - 1].isdigit():
            words.append(str(int(parts[depth - 1]) + 1))
    return " › ".join(words)


def sentence(problem: Problem) -> str:
    """A problem in one line: where it is, what is wrong, what would be right."""
    place = place_text(problem.path)
    return f"{place}: {explain(problem)}" if place else explain(problem)


def _titles() -> dict[str, str]:
    return {field.path: field.title for field in walk()}


def _translated(text: str, patterns: tuple[tuple[str, str], ...]) -> str:
    parts = []
    for part in (
        text.split("; ") if text.startswith(("data.", "compute.")) and "; compute." in text else [text]
    ):
        for pattern, english in patterns:
            found = re.fullmatch(pattern, part, re.DOTALL)
            if found:
                parts.append(tr(english).format(*found.groups()))
                break
        else:
            parts.append(part[:1].upper() + part[1:])
    return " ".join(parts)


def all_texts() -> set[str]:
    """Every English text of the recipe that forms show, for the test that wants them all translated."""
    texts = set(CHOICES.values()) | {english for _, english in (*_PATTERNS, *_REMEDIES)}
    for field in (*describe(), *walk()):
        texts |= {field.title, field.help} | ({UNITS.get(field.unit, field.unit)} if field.unit else set())
    return texts
