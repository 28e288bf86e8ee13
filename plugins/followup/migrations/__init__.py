"""How the plugin's tables came to be, step by step."""
