"""The widget's script, the demo page and the channel as a port."""

import gzip
from types import ModuleType
from typing import Any

from bot.api import Channel, ChatRef


async def test_the_script_may_be_embedded_anywhere(http: Any) -> None:
    reply = await http.get("/widget.js", headers={"Origin": "https://anywhere.example"})

    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/javascript")
    assert reply.headers["cache-control"] == "public, max-age=300"
    assert reply.headers["cross-origin-resource-policy"] == "cross-origin"
    assert reply.headers["x-content-type-options"] == "nosniff"


async def test_the_script_is_not_sent_again_while_it_is_the_same(http: Any) -> None:
    first = await http.get("/widget.js")

    again = await http.get("/widget.js", headers={"If-None-Match": first.headers["etag"]})
    other = await http.get("/widget.js", headers={"If-None-Match": 'W/"other"'})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert other.status_code == 200


async def test_the_script_is_small(http: Any) -> None:
    packed = await http.get("/widget.js", headers={"Accept-Encoding": "gzip"})
    plain = await http.get("/widget.js", headers={"Accept-Encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == plain.text
    assert len(gzip.compress(plain.content)) <= 20_000


async def test_the_demo_page_embeds_the_widget_of_its_account(http: Any) -> None:
    page = await http.get("/web/other/demo")

    assert page.headers["content-type"].startswith("text/html")
    assert '<script src="/widget.js" data-channel="other" async></script>' in page.text
    assert 'href="/followup"' in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'" in policy
    assert "unsafe" not in policy


async def test_the_demo_page_has_its_style(http: Any) -> None:
    style = await http.get("/web/site/demo.css")

    assert style.status_code == 200
    assert style.headers["content-type"].startswith("text/css")


def test_the_channel_tells_where_its_demo_is(world: Any) -> None:
    site: Channel = world.channel("site")

    assert site.links == {"Demo page": "/web/site/demo"}
    assert site.listener is None


async def test_what_is_stored_is_sent(worlds: ModuleType, world: Any) -> None:
    sender = world.channel("site").sender
    chat = await world.open(ChatRef("site", "abc"))
    message = world.say(chat.id, "hello")

    assert await sender.send(chat, message) is None
    assert await sender.was_sent(chat, message) is True
    assert sender.is_open(chat, message.at)
