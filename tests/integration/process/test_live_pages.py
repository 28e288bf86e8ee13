"""The dashboard's stream of hints in a real process."""

import threading

import httpx2

from tests.running import Place, Visitor, eventually


def test_an_open_page_hears_of_news_and_does_not_hold_up_the_end(place: Place) -> None:
    place.settings("4h")
    running = place.start()
    heard: list[str] = []

    def listen() -> None:
        try:
            with httpx2.stream("GET", f"{running.base}/followup/events", timeout=60) as answer:
                heard.extend(answer.iter_lines())
        except httpx2.HTTPError:
            heard.append("cut off")

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    eventually(lambda: "event: open" in heard, "the stream")

    Visitor(running.base).say("hello")

    eventually(lambda: "event: news" in heard, "news")
    assert running.stop() == 0
    listener.join(10)
    assert not listener.is_alive()
