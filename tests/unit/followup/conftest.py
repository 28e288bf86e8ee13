"""A longer run with new examples: `pytest tests/unit/followup --hypothesis-profile=thorough`."""

from hypothesis import settings

settings.register_profile("thorough", settings())
