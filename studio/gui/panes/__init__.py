"""The dockable panes of the main window."""
