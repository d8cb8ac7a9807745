"""What is wrong with networks that others have trained, and with recipes that name them, in the window's language."""

from __future__ import annotations

_RUN = r"1 problem in the recipe\n  model\.source: "

SHAPES = (
    (_RUN + r"there is no folder (\S+), and the Hugging Face hub has no network of that name .*",
        "There is no folder {0}, and the Hugging Face hub has no network of that name."),
    (_RUN + r"there is no folder (.*?) \(.*", "There is no folder {0}."),
    (_RUN + r"the network (.*) cannot be downloaded: the Hugging Face hub cannot be reached .*",
        "The network {0} cannot be downloaded: the Hugging Face hub cannot be reached. Connect to the internet and "
        "start again, or choose a folder of this machine."),
    (_RUN + r"the network (.*?) cannot be downloaded: (.*?) \(.*", "The network {0} cannot be downloaded: {1}."),
    (_RUN + r"the hub gives (\S+) only .*",
        "The hub gives {0} only to whoever has agreed to its terms: log in with hf auth login, or take another one."),
    (_RUN + r"the network (\S+) is not on this machine yet .*",
        "The network {0} is not on this machine yet: it is downloaded when a run starts."),
    (_RUN + r"(.*) holds no network: .*", "{0} holds no network: config.json is missing."),
    (_RUN + r"the hub has no weights of (\S+) as safetensors, .*",
        "The hub has no weights of {0} as safetensors, and others are not read here."),
    (_RUN + r"(.*) holds its tokenizer as (\S+) alone, .*",
        "{0} holds its tokenizer as {1} alone, which is not read here: have tokenizer.json written where the package "
        "sentencepiece is installed."),
    (_RUN + r"(.*) holds no tokenizer, .*", "{0} holds no tokenizer: put its tokenizer.json or vocab.txt there."),
    (_RUN + r"(.*) holds no weights: .*", "{0} holds no weights: model.safetensors is missing."),
    (r"1 problem in the recipe\n  training\.lora\.rank: .* holds no weights, and adapters .*",
        "With LoRA a network stays as it is, and this one knows nothing yet: start from a run, or set the rank to 0."),
    (_RUN + r"(.*) holds its weights pickled \((.*?)\), .*",
        "{0} holds its weights pickled ({1}). A pickle can run any code when it is opened, so it never is: take the "
        "folder's model.safetensors."),
    (_RUN + r"(.*) holds a model that writes texts \(.*", "{0} holds a model that writes texts: take an encoder."),
    (_RUN + r"(.*) holds an encoder \((.*?)\), which writes nothing .*",
        "{0} holds an encoder ({1}), which writes nothing: take an encoder and decoder such as T5 or BART."),
    (_RUN + r"(.*) holds a decoder \((.*?)\), which continues texts and reads no other .*",
        "{0} holds a decoder ({1}), which continues texts: take an encoder and decoder such as T5 or BART."),
    (_RUN + r"(.*) holds a network with a vocabulary for each side, .*",
        "{0} holds a network with a vocabulary for each side, and there is one here for both."),
    (r"the network (.*) has room for (\S+) pieces of a text, and its tokenizer makes (\S+) of one .*",
        "The network {0} has room for {1} pieces of a text, and its tokenizer makes {2} of one: lower the longest text "
        "and the longest target."),
    (_RUN + r"(.*) holds a model that reads whole texts \(.*",
        "{0} holds a model that reads whole texts, and does not continue them: take a decoder such as GPT-2."),
    (_RUN + r"(.*) holds a network of the type (\S+) with code of its own, .*",
        "{0} holds a network of the type {1} with code of its own, which is never run here."),
    (_RUN + r"(.*) holds a network of the type (\S+) \(.*",
        "{0} holds a network of the type {1}, which cannot be used here."),
    (_RUN + r"(.*) holds a model of Hanzi Studio \(.*",
        "{0} holds a model of Hanzi Studio: choose it as what the run starts from."),
    (_RUN + r"(.*) does not describe the weights beside it: (.*?) \(.*",
        "{0} does not describe the weights beside it: {1}."),
    (_RUN + r"the weights in (.*) are those of another network: .*",
        "The weights in {0} are those of another network."),
    (_RUN + r"the network in (.*) cannot be (?:opened|used): (.*) \(.*", "The network in {0} cannot be used: {1}."),
    (r"1 problem in the recipe\n  training\.start_from: the weights to start from cannot be read: (.*) \(.*",
        "The weights to start from cannot be read: {0}."),
    (r"1 problem in the recipe\n  \S+: (\d+) is longer than what the network (.*) can read at once \((\d+)\) .*",
        "The longest example ({0}) is longer than what the network {1} can read at once ({2})."),
    (r"the network (.*) has no pieces of their own for (\S+) of the characters of the training texts",
        "The network {0} has no pieces of their own for {1} of the characters of the training texts: take one made for "
        "such texts, or let symbols be subwords, which are its tokenizer's pieces."),
    (r"the tokenizer of (.*) falls back to bytes for what it does not know, which is not read here",
        "The tokenizer of {0} falls back to bytes for what it does not know, which is not read here: let symbols be "
        "characters."),
    (r"the tokenizer of (.*) does not give texts back as they were: (\d+) of (\d+) .*",
        "The tokenizer of {0} does not give texts back as they were ({1} of {2} are others): let symbols be "
        "characters."),
    (r"the network (.*) does not know (\S+) of the characters of the training texts",
        "The network {0} does not know {1} of the characters of the training texts: take one made for such texts."),
)  # fmt: skip
