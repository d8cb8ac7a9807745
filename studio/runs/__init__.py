"""A run as a folder and as a stream: events, commands, requests, layout, outcomes. Light: no torch, no Qt."""
