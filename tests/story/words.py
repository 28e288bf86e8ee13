"""How stories write chains, settings and what a model says."""

import json
from collections.abc import Sequence
from typing import Any

from config.settings import Settings

BERLIN = "Europe/Berlin"


def say(text: str = "Are you still interested?") -> str:
    """A model's verdict: send that."""
    return json.dumps({"verdict": "send", "text": text, "reason": "sent", "until": ""})


TEXTS = (
    "Are you still interested?",
    "Tuesday at ten would be fine for us.",
    "Shall I put one aside for you?",
    "Our workshop has room on Friday.",
    "May we help with anything else?",
    "The blue frame has just come in.",
    "Just ask whenever it suits.",
    "Did the photo reach you?",
)
"""As many texts for reminders: none says what an earlier one said."""


def sayings() -> list[str]:
    """Verdicts to send them, in that order."""
    return [say(text) for text in TEXTS]


def verdict(decision: str, reason: str = "concluded", until: str = "", said: str = "") -> str:
    """A model's other verdicts; `said` is what it takes for the client's words."""
    table = {"verdict": decision, "text": "", "reason": reason, "until": until, "said": said}
    return json.dumps(table)


def steps(*delays: str, **more: Any) -> list[dict[str, Any]]:
    """Steps s1, s2 … with these delays."""
    return [step(f"s{n}", delay, **more) for n, delay in enumerate(delays, 1)]


def step(name: str, delay: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "delay": delay, "instruction": f"Do the thing of {name} now.", **more}


def weekdays(*spans: str) -> dict[str, list[str]]:
    """A schedule that is the same from Monday to Friday."""
    return {day: list(spans) for day in ("mon", "tue", "wed", "thu", "fri")}


def settings_of(
    chain: Sequence[dict[str, Any]] | None, *, enabled: bool = True, **anna: Any
) -> Settings:
    """Anna with that chain, her hours and so on, on two accounts; without a chain, her alone."""
    followup = {} if chain is None else {"followup": {"enabled": enabled, "steps": list(chain)}}
    persona = "Friendly bike-shop assistant; short sentences."
    account = {"kind": "web", "employee": "anna"}
    return Settings(
        employees={"anna": {"name": "Anna", "persona": persona, **followup, **anna}},
        channels={"site": account, "other": account},
    )
