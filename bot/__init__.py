"""The runtime: events in, plugins told, replies out."""
