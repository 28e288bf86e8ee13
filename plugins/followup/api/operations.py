"""All that programs may ask of follow-ups."""

from bot.api import Operations
from plugins.followup.api.answers import AnswersApi
from plugins.followup.api.chains import ChainsApi
from plugins.followup.api.conversations import ConversationsApi
from plugins.followup.api.figures import FiguresApi
from plugins.followup.api.films import FilmsApi
from plugins.followup.api.lists import ListsApi
from plugins.followup.api.quiet import QuietApi
from plugins.followup.api.stopped import StoppedApi
from plugins.followup.dashboard.conversation import Conversation
from plugins.followup.dashboard.everybody import Everybody
from plugins.followup.ports import Ports


def operations(ports: Ports) -> Operations:
    """Those of the lists, of a conversation, and of an employee's tab."""
    texts = ports.runtime.site.environment("plugins.followup.dashboard")
    everybody = Everybody(ports, texts)
    return (
        *ListsApi(ports, everybody).operations(),
        *AnswersApi(ports, everybody).operations(),
        *ConversationsApi(ports, Conversation(ports, texts)).operations(),
        *QuietApi(ports).operations(),
        *StoppedApi(ports).operations(),
        *ChainsApi(ports).operations(),
        *FilmsApi(ports).operations(),
        *FiguresApi(ports).operations(),
    )
