"""The plugin's ports, filled: SQL and a model."""
