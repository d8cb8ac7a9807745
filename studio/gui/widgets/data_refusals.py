"""What is wrong with splits, vocabularies and data sets of the hub, in the window's language: see `refusals`."""

from __future__ import annotations

SHAPES = (
    (r"the documents cannot be divided by date: there are (\d+) different dates",
        "The documents cannot be divided by date: there are only {0} different ones."),
    (r"the documents cannot be divided by label: none has one",
        "The documents cannot be divided by label: none has one."),
    (r"the documents cannot be divided by group: there are (\d+) groups and files",
        "The documents cannot be divided by group: there are only {0} groups and files."),
    (r"(.*) has a split named '(.*)'", "{0} has a split named '{1}'."),
    (r"dates: ([\d,]+) documents? without a date are learnt from", "{0} documents without a date are learnt from."),
    (r"(.*) holds no vocabulary", "{0} holds no vocabulary."),
    (r"the vocabulary in (.*) is made of (\w+)s, and the recipe's input is the (\w+)",
        "The vocabulary in {0} is made of {1}s, and the recipe's input is the {2}."),
    (r"the vocabulary in (.*) cannot be used here: (.*)", "The vocabulary in {0} cannot be used here: {1}."),
    (r"the tokenizer in (.*) falls back to bytes for what it does not know, .*",
        "The tokenizer in {0} falls back to bytes for what it does not know, which is not read here."),
    (r"the tokenizer in (.*) knows these texts only byte by byte: it makes (\S+) symbols of a character, .*",
        "The tokenizer in {0} knows these texts only byte by byte: it makes {1} symbols of a character, and there is "
        "room for one."),
    (r"(.*) holds no tokenizer that can be read", "{0} holds no tokenizer that can be read."),
    (r"no character comes (\d+) times in the training texts",
        "No character comes {0} times in the training texts."),
    (r"the task (\S+) has no vocabulary to look at", "The task {0} has no vocabulary to look at."),
    (r"the vocabulary could not be counted: (.*)", "The vocabulary could not be counted: {0}."),
    (r"the hub gives (\S+) only to whoever has agreed to its terms",
        "The hub gives {0} only to whoever has agreed to its terms."),
    (r"the Hugging Face hub has no data set (\S+)", "The Hugging Face hub has no data set {0}."),
    (r"the data set (\S+) cannot be fetched: the Hugging Face hub cannot be reached",
        "The data set {0} cannot be fetched: the Hugging Face hub cannot be reached."),
    (r"the data set (\S+) cannot be fetched: (.*)", "The data set {0} cannot be fetched: {1}."),
    (r"(\S+) has no files of a format that is read, and the hub has written none as Parquet",
        "{0} has no files of a format that is read, and the hub has written none as Parquet."),
    (r"(\S+) has a file named (.*), which leads out of its folder",
        "{0} has a file named {1}, which leads out of its folder."),
    (r"(\S+) has (\S+) files; (\S+) is the most", "{0} has {1} files; {2} is the most."),
    (r"(\S+) has (\S+) MB, and (\S+) MB are free in (.*)", "{0} has {1} MB, and {2} MB are free in {3}."),
    (r"(.*) of (\S+) was not given by the hub", "The hub did not give {0} of {1}."),
    (r"(.*) cannot be written: (.*)", "{0} cannot be written: {1}."),
    (r"data\.cleaning\.readings: (.*) is no word with its reading", "Own readings: {0} is no word with its reading."),
    (r"data\.cleaning\.readings: (.*): (.*)", "Own readings: {0}: {1}."),
)  # fmt: skip
REMEDIES = {
    "write the word, a blank, and a syllable for each of its characters, as in 重庆 chong2 qing4":
        "Write the word, a blank, and a syllable for each of its characters, as in 重庆 chong2 qing4.",
    "name a table's date column, or divide by document": "Name a table's date column, or divide by document.",
    "name a table's label column, or divide by document": "Name a table's label column, or divide by document.",
    "name a table's group column, add files, or divide by document":
        "Name a table's group column, add files, or divide by document.",
    "call splits train, validation (or dev) and test, or name another split column":
        "Call splits train, validation (or dev) and test, or name another split column.",
    "give a run, a checkpoint, an exported model, or a folder with a tokenizer.json":
        "Give a run, a checkpoint, an exported model, or a folder with a tokenizer.json.",
    "give a folder whose tokenizer.json was written by the tokenizers library":
        "Give a folder whose tokenizer.json was written by the tokenizers library.",
    "take one that was made for Chinese, or leave the vocabulary to be made from the texts":
        "Take one that was made for Chinese, or leave the vocabulary to be made from the texts.",
    "take one that keeps characters whole, or leave the vocabulary to be made from the texts":
        "Take one that keeps characters whole, or leave the vocabulary to be made from the texts.",
    "take that of a text classification or a language model":
        "Take that of a text classification or a language model.",
    "agree to them on its page and log in with `hf auth login`":
        "Agree to them on its page and log in with `hf auth login`.",
    "check the name": "Check the name.",
    "connect to the internet and try again, or fetch the folder elsewhere and give its path":
        "Connect to the internet and try again, or fetch the folder elsewhere and choose it here.",
    "try again later": "Try again later.",
    "save it with the datasets library, save_to_disk(FOLDER), where you trust its code, and take that folder":
        "Save it with the datasets library, save_to_disk(FOLDER), where you trust its code, and take that folder.",
    "take another one": "Take another one.",
    "fetch a part of it yourself": "Fetch a part of it yourself.",
    "make room, or choose a folder on another disk": "Make room, or set STUDIO_HOME to a folder on another disk.",
    "lower the least count, or add text": "Lower the least count, or add text.",
}  # fmt: skip
