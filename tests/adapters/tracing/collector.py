"""A collector of traces on loopback: takes OTLP over HTTP as real ones do, and keeps what it took."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Collector:
    """Keeps spans and headers; answers when it is told to."""

    def __init__(self) -> None:
        self.url = ""
        self.spans: list[Span] = []
        self.resource: dict[str, str] = {}
        self.headers: list[Mapping[str, str]] = []
        self.answers = asyncio.Event()
        self.answers.set()

    async def take(self, request: web.Request) -> web.Response:
        """Takes a batch."""
        body = await request.read()
        await self.answers.wait()
        message = ExportTraceServiceRequest.FromString(body)
        self.headers.append(request.headers)
        for part in message.resource_spans:
            self.resource |= {pair.key: pair.value.string_value for pair in part.resource.attributes}
            self.spans += [span for scope in part.scope_spans for span in scope.spans]
        return web.Response(content_type="application/x-protobuf")

    def by_name(self) -> dict[str, Span]:
        """Returns the spans by their names, of which no two may be alike."""
        named = {span.name: span for span in self.spans}
        assert len(named) == len(self.spans)
        return named


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    """Runs a collector beside the block."""
    collector = Collector()
    application = web.Application()
    application.router.add_post("/v1/traces", collector.take)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    collector.url = f"http://{host}:{port}"
    try:
        yield collector
    finally:
        collector.answers.set()
        await runner.cleanup()


def attributes(span: Span) -> dict[str, object]:
    """Returns a span's attributes as plain values."""
    return {pair.key: getattr(pair.value, str(pair.value.WhichOneof("value"))) for pair in span.attributes}
