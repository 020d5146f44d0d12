"""What the network does to datagrams, without a network."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from prober.lab.desktop.behaviour import FAIR, Weather
from prober.lab.desktop.spell import Spell
from prober.lab.desktop.weather import Datagram, Way, Weathered

SOURCE = 77
RTP = bytes([0x80, 97, 0, 1, 0, 0, 0, 0]) + SOURCE.to_bytes(4) + b"picture"
RTCP = bytes([0x80, 200, 0, 1, 0, 0, 0, 0]) + SOURCE.to_bytes(4)
STUN = bytes([0, 1]) + bytes(18)
DTLS = bytes([23]) + bytes(20)
ADDRESS = ("127.0.0.1", 9)


class Wire(asyncio.DatagramTransport):
    """Keeps what is sent, and when; knows whether it was closed."""

    def __init__(self) -> None:
        super().__init__({"sockname": ADDRESS})
        self.sent: list[tuple[Datagram, Any]] = []
        self.closed = False

    def sendto(self, data: Datagram, addr: Any = None) -> None:
        """Keep it."""
        self.sent.append((data, addr))

    def close(self) -> None:
        """Remember."""
        self.closed = True


class Sky:
    """A way under some weather, with its wire and what was told of it."""

    def __init__(self, weather: Weather) -> None:
        self.elapsed: float | None = None
        self.wire = Wire()
        self.told: Counter[tuple[int, bool]] = Counter()
        way = Way(weather=weather, elapsed=lambda: self.elapsed, passed=self._tell)
        self.transport = Weathered(self.wire, way=way)

    def send(self, *datagrams: bytes) -> list[Datagram]:
        """Send datagrams; returns those that have arrived since the sky was made."""
        for datagram in datagrams:
            self.transport.sendto(datagram, ADDRESS)
        return [data for data, _ in self.wire.sent]

    def _tell(self, source: int, *, timestamp: int, arrived: bool) -> None:
        self.told[source, arrived] += 1


async def test_in_fair_weather_everything_arrives() -> None:
    """Datagrams pass at once; RTP is counted, its control packets are not."""
    sky = Sky(FAIR)
    assert sky.send(STUN, DTLS, RTP, RTCP) == [STUN, DTLS, RTP, RTCP]
    assert sky.wire.sent[0] == (STUN, ADDRESS)
    assert sky.told == {(SOURCE, True): 1}
    assert sky.transport.get_extra_info("sockname") == ADDRESS


async def test_loss_takes_rtp_only() -> None:
    """The share that was asked for, to within a packet, and what was told adds up to what was sent."""
    sky = Sky(Weather(loss_ratio=0.1))
    arrived = Counter(sky.send(*[RTP, RTCP, STUN, DTLS] * 2000))
    assert arrived[RTCP] == arrived[STUN] == arrived[DTLS] == 2000
    assert sky.told[SOURCE, True] == arrived[RTP]
    assert sky.told[SOURCE, False] == 2000 - arrived[RTP]
    assert sky.told[SOURCE, False] == pytest.approx(200, abs=1)


async def test_loss_can_be_repeated() -> None:
    """The same seed loses the same packets, another seed others."""
    packets = [RTP + bytes([number % 256]) for number in range(500)]
    first, again, other = (Sky(Weather(loss_ratio=0.2, seed=seed)).send(*packets) for seed in (1, 1, 2))
    assert first == again
    assert first != other


async def test_silence_takes_everything_for_its_time() -> None:
    """Nothing arrives while it lasts, everything before and after."""
    sky = Sky(Weather(silence=Spell(after_s=2, lasts_s=3)))
    assert sky.send(STUN) == [STUN]
    sky.elapsed = 3
    assert sky.send(RTP, STUN, DTLS) == [STUN]
    assert sky.told == {(SOURCE, False): 1}
    sky.elapsed = 5
    assert sky.send(RTP) == [STUN, RTP]


async def test_delay_keeps_the_order() -> None:
    """Everything arrives later, in the order in which it was sent, to whom it was sent."""
    sky = Sky(Weather(delay_s=0.05))
    assert sky.send(STUN, RTP, DTLS) == []
    await asyncio.sleep(0.1)  # the delay itself is what is tested: twice as long
    assert sky.wire.sent == [(STUN, ADDRESS), (RTP, ADDRESS), (DTLS, ADDRESS)]


async def test_what_is_under_way_at_the_end_is_lost() -> None:
    """A closed transport is not written to."""
    sky = Sky(Weather(delay_s=0.02))
    sky.send(STUN)
    sky.transport.close()
    await asyncio.sleep(0.05)  # longer than the delay: what was held back would be written by now
    assert sky.wire.closed
    assert sky.wire.sent == []
