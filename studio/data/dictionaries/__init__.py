"""Dictionaries of other input methods: words with their pinyin, read from files and written for them."""
