"""Runs the chaos servers for whoever wants to try something against them."""

import argparse
import signal
import sys

from tests.chaos.server import Chaos, serving


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    with serving(Chaos(given.seed), given.port) as chaos:
        sys.stdout.write(
            f"Model:    {chaos.url}/v1\nTelegram: {chaos.url}/bot<token>/<method>\n"
            f"Twilio:   {chaos.url}/2010-04-01/Accounts/<sid>/Messages.json\n"
            f"Log:      {chaos.url}/chaos/delivered\n"
        )
        sys.stdout.flush()
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
