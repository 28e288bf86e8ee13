"""What operators see of a running process: health, measures, logs, traces; never a content."""
