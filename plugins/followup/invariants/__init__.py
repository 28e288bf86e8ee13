"""What is true of every chat's follow-ups at every moment.

Pure functions over loaded rows, each telling in a sentence what is broken. Over a whole database,
with the application of any test: `assert await violations_of(app) == []` (see `bot.doctor`).
"""
