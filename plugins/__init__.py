"""Plugins that ship with the application; others come by entry point under their own names."""
