"""The views of the Dataset pane."""
