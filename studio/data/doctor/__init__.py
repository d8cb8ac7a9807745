"""The data doctor: looks through texts for faults, says how often each occurs and where, and what would mend it."""
