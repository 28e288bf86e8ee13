"""Secrets that we give away and recognize: only their fingerprints are kept."""

import hashlib
import secrets


def new_secret() -> str:
    """One that nobody guesses."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """What is stored of it; quick to make, which is safe for secrets of that length."""
    return hashlib.sha256(secret.encode()).hexdigest()
