"""Settings: a TOML file and the environment; the only package that reads the environment."""
