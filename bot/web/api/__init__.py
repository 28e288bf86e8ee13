"""The JSON API: who may come in, what they may ask, and the document that tells it."""
