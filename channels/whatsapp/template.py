"""Fills an approved template: what Twilio and Meta take as a variable, and how much of it."""

import json
import re
from dataclasses import dataclass

from channels.whatsapp.markup import whatsapp_text
from channels.whatsapp.parts import shortened, size
from channels.whatsapp.settings import CLIENT_NAME, REMINDER, Template

# Meta takes 1,024 characters, the template's fixed wording included. Nobody tells us that wording
# when we send, so room is kept for it.
LONGEST = 1024
WORDING = 224
_LONGEST_NAME = 60
# Fits "Hello …," where the client's name is not known.
NOBODY = "there"


@dataclass(frozen=True, slots=True)
class Filled:
    """A template with its values: for Twilio, and the reminder as it stands in them."""

    content_sid: str
    variables: str
    reminder: str


def filled(template: Template, name: str | None, text: str) -> Filled:
    """The template with the client's name and the reminder in it, within the limits."""
    called = shortened(one_line(name or ""), _LONGEST_NAME) or NOBODY
    # The name is put in last: whatever a client is called, it is no placeholder.
    own = sum(
        size(value.replace(REMINDER, "").replace(CLIENT_NAME, called))
        for value in template.variables.values()
    )
    times = sum(value.count(REMINDER) for value in template.variables.values())
    room = (LONGEST - WORDING - own) // times
    reminder = shortened(one_line(whatsapp_text(text)) or "…", max(room, 1))
    words = {CLIENT_NAME: called, REMINDER: reminder}
    values = {
        key: re.sub(
            f"{re.escape(CLIENT_NAME)}|{re.escape(REMINDER)}", lambda found: words[found[0]], value
        )
        for key, value in template.variables.items()
    }
    return Filled(template.content_sid, json.dumps(values, ensure_ascii=False), reminder)


def one_line(text: str) -> str:
    """Meta takes neither line breaks nor tabs nor many spaces in a row in a variable."""
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip()
