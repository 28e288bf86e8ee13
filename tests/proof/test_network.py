"""Nothing twice, nothing lost, whatever the network tells later and closes meanwhile."""

from tests.proof.machine import histories
from tests.proof.network import NetworkHistories
from tests.proof.system import System

COUNT = 100


def test_no_history_in_which_the_network_has_its_say_breaks_the_law(
    histories_system: System,
) -> None:
    histories(histories_system, COUNT, NetworkHistories)
