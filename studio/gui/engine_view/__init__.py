"""Views that show how pinyin is decoded and what decodes it: lattice, timeline, duel, evaluation."""
