"""As much of S3 as the evidence store asks for, on loopback: put, get, list, delete of one bucket's objects.

Written by AWS' API reference; listings come in pages of a few keys, so that paging is walked. It checks no signature.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from xml.sax.saxutils import escape, unescape

from aiohttp import web

PAGE = 7
"""Keys in one page of a listing; the real one has a thousand."""


class Bucket:
    """One bucket.

    Attributes:
        objects: What was put, by key.
        types: The content type of each.
        refuse: The status with which every request is refused, `None` where the bucket works.
        url: Where it listens, once it is open.
        signed: Whether every request so far bore a signature.
    """

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.refuse: int | None = None
        self.url = ""
        self.signed = True

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Bucket"]:
        """Serves until the block is left."""
        app = web.Application()
        app.router.add_route("*", "/bucket{key:.*}", self._answer)
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            host, port = runner.addresses[0]
            self.url = f"http://{host}:{port}"
            yield self
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        self.signed &= request.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 Credential=planted-key/")
        if self.refuse is not None:
            return web.Response(status=self.refuse, text="<Error><Code>Refused</Code></Error>")
        key = request.match_info["key"].lstrip("/")
        match request.method:
            case "PUT":
                self.objects[key], self.types[key] = await request.read(), request.content_type
                return web.Response(headers={"ETag": '"tag"'})
            case "POST" if "delete" in request.query:
                return self._delete(await request.text())
            case "GET" if key:
                return self._content(key)
            case _:
                return self._page(request)

    def _content(self, key: str) -> web.Response:
        if key not in self.objects:
            return web.Response(status=404, text="<Error><Code>NoSuchKey</Code></Error>")
        headers = {"ETag": '"tag"', "Last-Modified": formatdate(usegmt=True)}
        return web.Response(body=self.objects[key], headers=headers)

    def _delete(self, order: str) -> web.Response:
        keys = [unescape(key) for key in re.findall("<Key>(.*?)</Key>", order)]
        for key in keys:
            self.objects.pop(key, None)
        deleted = "".join(f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in keys)
        return web.Response(text=f"<DeleteResult>{deleted}</DeleteResult>", content_type="application/xml")

    def _page(self, request: web.Request) -> web.Response:
        prefix, after = request.query.get("prefix", ""), request.query.get("continuation-token", "")
        keys = [key for key in sorted(self.objects) if key.startswith(prefix) and key > after]
        page, more = keys[:PAGE], len(keys) > PAGE
        contents = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2026-11-22T09:40:19.000Z</LastModified>"
            f"<ETag>tag</ETag><Size>{len(self.objects[key])}</Size></Contents>"
            for key in page
        )
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        text = f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{token}{contents}</ListBucketResult>"
        return web.Response(text=text, content_type="application/xml")
