"""The dialog of imported language models, and the process that does its work."""
