"""Reminders without a model: they show what a model would be asked to do."""

from bot.api import Author
from plugins.followup.guard.shape import LONGEST_REMINDER
from plugins.followup.model import delay_text
from plugins.followup.verdicts import Decision, Occasion, Verdict


class DemoComposer:
    """Always sends; says that it is the demo voice, and shows instruction and step."""

    async def compose(self, occasion: Occasion) -> Verdict:
        """A text about this chat: its step, its instruction and the client's own last words."""
        step = occasion.step
        said = [message.text for message in occasion.history if message.author is Author.CLIENT]
        about = f" You last wrote: “{_line(said[-1])}”." if said else ""
        return Verdict(
            Decision.SEND,
            f"(Demo voice: no model is connected.) {occasion.employee.name} here again, reminder "
            f"{occasion.place} of {occasion.of}, step “{step.id}” after {delay_text(step.delay)}."
            f"{about} A model would be asked to: {_line(step.instruction, LONGEST_REMINDER // 2)}",
        )


def _line(text: str, longest: int = 80) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"
