import asyncio
import logging

import pytest

from bot.news import LocalNews, RedisNews
from bot.redis_link import connect_async

pytestmark = pytest.mark.redis


@pytest.fixture
async def pair(server, link, until):
    news = [RedisNews(connect_async(server.url)) for _ in range(2)]
    tasks = [asyncio.create_task(one.run()) for one in news]
    await until(lambda: link.pubsub_numsub("followup:news")[0][1] == 2)
    yield news
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_news_reach_another_process(pair):
    here, there = pair

    with there.follow(7) as event:
        here.publish(7)

        await asyncio.wait_for(event.wait(), 10)


async def test_news_of_one_chat_do_not_wake_another(pair):
    here, there = pair

    with there.follow(7) as other, there.follow(8) as event:
        here.publish(8)
        await asyncio.wait_for(event.wait(), 10)

        assert not other.is_set()


async def test_news_arrive_again_after_an_outage_and_everybody_looks(pair, server, link, until):
    here, there = pair

    with there.follow(7) as event:
        server.stop()
        here.publish(7)
        server.start()
        await asyncio.wait_for(event.wait(), 20)
        event.clear()
        await until(lambda: link.pubsub_numsub("followup:news")[0][1] == 2)
        here.publish(7)

        await asyncio.wait_for(event.wait(), 10)


async def test_a_long_outage_is_said_once_and_ends(pair, server, caplog, until):
    caplog.set_level(logging.INFO)
    here, there = pair

    with there.follow(7) as event:
        server.stop()
        await until(lambda: caplog.text.count("no news from other processes") == 2)
        event.clear()
        here.publish(7)
        await until(lambda: not here._leaving)
        server.start()
        await until(lambda: caplog.text.count("arrive again") == 2)

        await asyncio.wait_for(event.wait(), 10)
    assert caplog.text.count("no news from other processes") == 2


async def test_nonsense_on_the_channel_is_passed_over(pair, link):
    _, there = pair

    with there.follow(7) as event:
        link.publish("followup:news", b"\xff:\xff")
        link.publish("followup:news", b"someone:7")

        await asyncio.wait_for(event.wait(), 10)


@pytest.mark.parametrize("make", [LocalNews, lambda: RedisNews(connect_async("unix:///none"))])
async def test_news_within_the_process_need_no_server(make):
    news = make()

    with news.follow(7) as first, news.follow(7) as second:
        news.publish(7)
        news.publish(8)

        assert first.is_set()
        assert second.is_set()


async def test_whoever_stopped_following_is_forgotten():
    news = LocalNews()

    with news.follow(7):
        pass
    news.publish(7)

    assert news._events == {}
