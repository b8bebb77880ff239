"""An application that tells what it runs on."""

from __future__ import annotations

import asyncio
import json
import resource
from typing import Any


def create_app() -> Any:
    """Return it."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for step in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{step}.complete"})
            return
        loop = type(asyncio.get_running_loop()).__module__
        body = {"loop": loop, "files": resource.getrlimit(resource.RLIMIT_NOFILE)[0]}
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(body).encode()})

    return app
