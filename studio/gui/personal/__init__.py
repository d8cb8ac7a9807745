"""What the input method learns from its user: shown, corrected, switched off; dictionaries."""
