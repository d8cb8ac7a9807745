"""Input methods of others, typed into as ours is: one module each, all with a `RIVAL`."""
