"""From files to clean, split, cached examples."""
