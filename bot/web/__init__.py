"""The ASGI app: what channels and plugins bring, and a health page."""
