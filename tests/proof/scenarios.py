"""Who meets whom in the interleavings; the short ones first."""

from datetime import timedelta

from bot.errors import ChannelBusyError, ChannelError, ChatUnreachableError, UnknownDeliveryError
from tests.proof import acts
from tests.proof import interleavings as play
from tests.proof.interleavings import TWO, Scenario, but, due, reply, sweep, time_passes, told
from tests.proof.outside import broken
from tests.story.words import verdict

ANSWERS = (("w1", "answer"), ("w2", "answer"))
AND_REPLY = [reply]
LEASE_ENDS = [time_passes]
DIES = [play.death, time_passes, sweep]
COMES_BACK = [play.death, play.rebirth]
REFUSED = but(ChannelError("refused"))
BUSY = but(ChannelBusyError(timedelta(minutes=9)))
LOST = but(UnknownDeliveryError("lost on the way"))
SILENT = but(UnknownDeliveryError("no answer came"), after=True)

SCENARIOS = (
    Scenario("two workers and a reply", due, TWO, [AND_REPLY]),
    Scenario("skip", told(verdict("skip")), TWO, [AND_REPLY]),
    Scenario("opted out", told(verdict("stop", "opted_out")), TWO, [AND_REPLY]),
    Scenario("unreachable", but(ChatUnreachableError("blocked")), TWO, [AND_REPLY]),
    Scenario("sent without an answer", SILENT, TWO, [AND_REPLY]),
    Scenario("the hours end meanwhile", play.due_before_the_end, TWO, [LEASE_ENDS]),
    Scenario("a day passes", due, TWO, [[play.a_day_passes], AND_REPLY]),
    Scenario("two workers answer", play.unanswered, ANSWERS, [AND_REPLY]),
    Scenario("an answer and a death", play.unanswered, ANSWERS, [DIES]),
    Scenario("an answer and a manager", play.unanswered, ANSWERS, [[play.manager, play.resume]]),
    Scenario("the model is away", told(broken()), TWO, [AND_REPLY, LEASE_ENDS]),
    Scenario("the clock runs back", due, TWO, [[play.time_runs_back], AND_REPLY]),
    Scenario("other steps", due, TWO, [[play.other_steps], AND_REPLY]),
    Scenario("other hours", due, TWO, [[play.closed], AND_REPLY]),
    Scenario("a lease that ends and a reply", due, TWO, [LEASE_ENDS, AND_REPLY]),
    Scenario("a worker that dies and comes back", due, TWO, [COMES_BACK, AND_REPLY]),
    Scenario("a sweep after the lease", due, TWO, [[time_passes, sweep]]),
    Scenario("refused", REFUSED, TWO, [AND_REPLY, LEASE_ENDS]),
    Scenario("busy", BUSY, TWO, [AND_REPLY, LEASE_ENDS]),
    Scenario("lost on the way", LOST, TWO, [AND_REPLY, LEASE_ENDS]),
    Scenario("a worker that dies", due, TWO, [DIES, AND_REPLY]),
    Scenario("follow-ups off and on", due, TWO, [[play.off, play.on], AND_REPLY]),
    Scenario("a manager writes", due, TWO, [[play.manager, play.resume], AND_REPLY]),
    Scenario("paused and resumed", due, TWO, [[play.pause, play.resume], AND_REPLY]),
    Scenario("muted meanwhile", due, TWO, [[acts.mute], AND_REPLY]),
    Scenario("muted and freed again", due, TWO[:1], [[acts.mute, acts.unmute]]),
    Scenario(
        "two replies and the answer to them",
        due,
        [TWO[0], ANSWERS[0]],
        [[reply, play.second_reply]],
    ),
    Scenario("the window closes meanwhile", due, TWO, [[acts.window_closes], AND_REPLY]),
    Scenario("refused later", due, TWO[:1], [[acts.refused_later], AND_REPLY]),
    Scenario("arrived, and no answer", SILENT, TWO[:1], [[acts.arrived], AND_REPLY]),
    Scenario("refused later, and no answer", SILENT, TWO[:1], [[acts.refused_later, sweep]]),
    Scenario("blocked meanwhile", due, TWO, [[acts.blocked], AND_REPLY]),
    Scenario("the client says stop", due, TWO, [[acts.stop]]),
    Scenario(
        "an answer refused later", play.unanswered, ANSWERS[:1], [[acts.refused_later, reply]]
    ),
    Scenario("sent without an answer, and a sweep", SILENT, TWO, [AND_REPLY, [time_passes, sweep]]),
)
