"""What the lab says of tables, folders and archives that cannot be read, as `refusals` turns it into words."""

from __future__ import annotations

SHAPES = (
    (r"(.*) is damaged: .*", "{0} is damaged."),
    (r"(.*) unpacks to more than .*", "{0} unpacks to far more than an ordinary text."),
    (r"(.*) says that it unpacks from .*", "{0} unpacks to far more than an ordinary text."),
    (r"(.*) holds a file named (.*), which leads out of the archive",
        "{0} holds a file named {1}, which leads out of the archive."),
    (r"(.*) is encrypted", "{0} is encrypted."),
    (r"(.*) is an archive of a kind that is not read", "{0} is an archive of a kind that is not read."),
    (r"(.*) holds no file of a known format", "{0} holds no file of a known format."),
    (r"(.*) holds more than (\S+) files", "{0} holds more than {1} files."),
    (r"(.*) has no column '(.*)', which is to be its (\S+)", "{0} has no column “{1}”."),
    (r"(.*) has no column with Chinese text", "{0} has no column with Chinese text."),
    (r"(.*) is (\S+), not (\S+)", "{0} has the format {1}, not {2}."),
    (r"'(.*)' is no delimiter", "“{0}” is no delimiter."),
    (r"(.*) is not JSON from line (\d+) on: .*", "{0} is not JSON from line {1} on."),
    (r"(.*) cannot be read as a workbook: .*", "{0} cannot be read as a workbook."),
    (r"no training text has the label (.*), which is given a weight; the labels are (.*)",
        "No training text has the label {0}, which is given a weight. The labels are {1}."),
    (r"line (\S+) of (.*) is longer than (\S+) characters", "Line {0} of {1} is longer than {2} characters."),
    (r"the document that begins in line (\S+) is longer than (\S+) characters",
        "The document that begins in line {0} is longer than {1} characters."),
    (r"this source comes with the studio and is no file", "This source comes with the studio and is no file."),
)  # fmt: skip

REMEDIES = {
    "unpack it yourself, or copy it again": "Unpack it yourself, or copy it again.",
    "unpack it yourself if you know what it holds": "Unpack it yourself if you know what it holds.",
    "unpack it yourself": "Unpack it yourself.",
    "unpack it yourself with its password": "Unpack it yourself with its password.",
    "unpack it, or make a zip of it": "Unpack it, or make a zip archive of it.",
    "do not trust this archive; unpack what you need of it yourself":
        "Do not trust this archive; unpack what you need of it yourself.",
    "choose a folder below it": "Choose a folder below it.",
    "choose a file or a table": "Choose a file or a table.",
    "choose a file that holds something": "Choose a file that holds something.",
    "choose a text file, or one of a format that is read (.csv, .jsonl, .parquet, .xlsx ...)":
        "Choose a text file, or one of a format that is read (.csv, .jsonl, .parquet, .xlsx ...).",
    "check that it was copied whole, or write it again": "Check that it was copied whole, or write it again.",
    "give weights to labels that there are": "Give weights to labels that there are.",
    "let a document be a line, or divide the text by blank lines":
        "Let a document be a line, or divide the text by blank lines.",
    "give one character, or auto": "Give one character, or auto.",
    "open it in Excel and save it again, or as CSV": "Open it in Excel and save it again, or as CSV.",
    "repair it, or save it with one object a line (.jsonl), of which broken ones are set aside":
        "Repair it, or save it with one object a line (.jsonl), of which broken ones are set aside.",
    "save it as UTF-8, or name its encoding (gb18030, big5, utf-16-le ...)":
        "Save it as UTF-8, or name its encoding (gb18030, big5, utf-16-le ...).",
    "make it writable, or set STUDIO_HOME to another folder":
        "Make it writable, or set STUDIO_HOME to another folder.",
}  # fmt: skip
