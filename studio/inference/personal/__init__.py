"""What the user chose before, and imported dictionaries, as part of decoding."""
