"""A page of the Playground for each task that reads text as it stands."""
