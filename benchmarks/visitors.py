"""Visitors of a website who write at a steady rate, whatever the answers take."""

import asyncio
import time
from http import HTTPStatus

import aiohttp


async def visitors(port: int, count: int, limit: float) -> list[float]:
    """500 a second, each at its moment whether the ones before were answered or not."""
    base = f"http://127.0.0.1:{port}/web/site"
    spent: list[float] = []
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64)) as http:
        tokens = []
        for _ in range(100):
            async with http.post(f"{base}/visitors", json={}) as answer:
                tokens.append((await answer.json())["token"])

        async def say(n: int, at: float) -> None:
            await asyncio.sleep(at - time.perf_counter())
            headers = {"Authorization": f"Bearer {tokens[n % len(tokens)]}"}
            said = {"id": f"m{n}", "text": "Do you repair e-bikes?"}
            async with http.post(f"{base}/messages", json=said, headers=headers) as answer:
                if answer.status == HTTPStatus.CREATED:
                    spent.append(time.perf_counter() - at)

        start = time.perf_counter() + 0.5
        saying = [asyncio.create_task(say(n, start + n / 500)) for n in range(count)]
        _, left = await asyncio.wait(saying, timeout=limit + 0.5)
        for task in left:
            task.cancel()
        await asyncio.gather(*saying, return_exceptions=True)
    return spent
