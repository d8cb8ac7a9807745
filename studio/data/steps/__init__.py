"""The steps of a recipe at work: one module for each kind of change, put together in `pipeline`."""
