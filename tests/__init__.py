"""The tests; the folders mirror studio/."""
