"""Word lists and word n-gram models that others have made, read from their files."""
