"""Everything that knows Qt: window, panes, widgets, the engine thread, theme, translations. Never torch."""
