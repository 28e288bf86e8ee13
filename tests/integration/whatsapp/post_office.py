"""PyPI's mockpost, its HTTP side alone: `python post_office.py PORT`, with its data in `.`.

Its own command opens mail and file servers too, some of them to the whole network.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from mockpost import db
from mockpost.main import app


@asynccontextmanager
async def only_http(_app: object) -> AsyncIterator[None]:
    await db.init_db()
    yield
    await db.close_db()


if __name__ == "__main__":
    app.router.lifespan_context = only_http
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
