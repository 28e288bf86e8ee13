"""Ends a comparison: one of two instructions stays."""

from dataclasses import replace

from plugins.followup.commands.saving import Hand, Wish, keep
from plugins.followup.lots import A, variants
from plugins.followup.model import Step
from plugins.followup.ports import Ports
from plugins.followup.undos import ANYBODY, Undo


async def keep_one(ports: Ports, hand: Hand, mark: str, letter: str) -> bool:
    """An ordinary save; false if the two that `mark` tells are not compared any more."""
    async with ports.runtime.database.write() as tx:
        held = await ports.chains.hold(tx, hand.employee)
        steps = held.chain.steps if held is not None else ()
        marks = [variants(each)[1] if each.instruction_b else "" for each in steps]
        if held is None or mark not in filter(None, marks):
            return False
        place = marks.index(mark)
        kept = _kept(steps[place], letter)
        wish = Wish((*steps[:place], kept, *steps[place + 1 :]), held.chain.enabled)
        plan = await keep(ports, tx, hand, (held.chain, wish))
        await ports.undos.keep(tx, Undo(hand.employee, ANYBODY, plan.version, held.chain))
        return True


def _kept(step: Step, letter: str) -> Step:
    instruction = step.instruction if letter == A else step.instruction_b
    return replace(step, instruction=instruction or step.instruction, instruction_b=None)
