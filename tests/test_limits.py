"""Nobody asks a provider more than it allows, and nobody who waits is forgotten."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from dspy import lm15

from agentflow.engines.gate import FAILURES_TO_OPEN, FIRST_PAUSE, MINUTE, Ending, Gate, Ticket
from agentflow.engines.limits import Limiter, Limiters, NoPlace, ProviderDown, ending_of
from agentflow.settings import ProviderLimits
from agentflow.testing import TickingClock


def arrive(gate: Gate, now: float, *, tokens: int = 1) -> Ticket:
    ticket = Ticket(tokens)
    gate.join(ticket, now)
    return ticket


def fail(gate: Gate, times: int, now: float) -> None:
    for _ in range(times):
        gate.leave(arrive(gate, now), "failed", now)


def test_places_are_given_in_order_of_arrival() -> None:
    """First come, first served."""
    gate = Gate(ProviderLimits(concurrency=1))
    tickets = [arrive(gate, 0) for _ in range(3)]

    gate.leave(tickets[0], "answered", 1)

    assert [ticket.state for ticket in tickets] == ["gone", "in", "waiting"]


@pytest.mark.parametrize(
    ("limits", "tokens"),
    [
        pytest.param(ProviderLimits(rpm=3), 1, id="requests"),
        pytest.param(ProviderLimits(tpm=30), 10, id="tokens"),
    ],
)
def test_a_full_minute_lets_nobody_in_until_it_has_passed(limits: ProviderLimits, tokens: int) -> None:
    """Rates hold in every window of a minute."""
    gate = Gate(limits)
    for _ in range(3):
        gate.leave(arrive(gate, 10, tokens=tokens), "answered", 11)

    late = arrive(gate, 12, tokens=tokens)

    assert late.state == "waiting"
    assert gate.opens_at(12) == 10 + MINUTE
    gate.admit(10 + MINUTE)
    assert late.state == "in"


def test_more_tokens_than_a_minute_allows_go_alone() -> None:
    """A request that can never fit is not left waiting for ever."""
    gate = Gate(ProviderLimits(tpm=10))

    first, second = arrive(gate, 0, tokens=50), arrive(gate, 0, tokens=1)

    assert (first.state, second.state) == ("in", "waiting")
    gate.admit(MINUTE)
    assert second.state == "in"


def test_what_was_not_used_makes_room_at_once() -> None:
    """The window counts what an answer took, not what it might have taken."""
    gate = Gate(ProviderLimits(tpm=100))
    first, second = arrive(gate, 0, tokens=100), arrive(gate, 0, tokens=100)

    gate.leave(first, "answered", 1, tokens=0)

    assert second.state == "in"


def test_a_complaint_halves_and_many_at_once_halve_once() -> None:
    """Ten refusals of one burst are one complaint."""
    gate = Gate(ProviderLimits(concurrency=16, rpm=1_000))
    tickets = [arrive(gate, 0) for _ in range(16)]

    for ticket in tickets[:10]:
        gate.leave(ticket, "limited", 1)

    assert (gate.places, gate.share) == (8, 0.5)


def test_answers_give_back_what_a_complaint_took() -> None:
    """Recovery is slow and complete."""
    gate = Gate(ProviderLimits(concurrency=4))
    gate.leave(arrive(gate, 0), "limited", 0)
    assert gate.places == 1

    for now in range(1, 200):
        gate.leave(arrive(gate, now), "answered", now)

    assert (gate.places, gate.share) == (4, 1.0)


def test_a_complaint_with_a_time_is_waited_out() -> None:
    """Retry-After pauses everybody, for half a minute at most."""
    gate = Gate(ProviderLimits())
    gate.leave(arrive(gate, 0), "limited", 0, retry_after=7)
    waiting = arrive(gate, 1)
    assert (waiting.state, gate.opens_at(1)) == ("waiting", 7)

    gate.admit(7)
    gate.leave(waiting, "limited", 8, retry_after=9_999)
    arrive(gate, 8)

    assert gate.opens_at(8) == 38


def test_failures_in_a_row_open_the_breaker_for_everyone() -> None:
    """A provider that is down is left alone, by those in line too."""
    gate = Gate(ProviderLimits(concurrency=1))
    fail(gate, FAILURES_TO_OPEN - 1, 0)
    last, waiting = arrive(gate, 0), arrive(gate, 0)

    gate.leave(last, "failed", 0)

    assert waiting.state == "refused"
    assert arrive(gate, 1).state == "refused"


def test_an_answer_in_between_keeps_the_breaker_closed() -> None:
    """Only failures in a row count."""
    gate = Gate(ProviderLimits())
    for now in range(10):
        fail(gate, FAILURES_TO_OPEN - 1, now)
        gate.leave(arrive(gate, now), "answered", now)

    assert arrive(gate, 10).state == "in"


@pytest.mark.parametrize(
    ("ending", "second", "opens_again_at"),
    [
        pytest.param("answered", "in", None, id="its answer lets everyone in"),
        pytest.param("limited", "in", None, id="so does its complaint"),
        pytest.param("failed", "refused", FIRST_PAUSE + 2 * FIRST_PAUSE, id="its failure closes for twice as long"),
        pytest.param("nothing", "in", None, id="its cancellation makes the next one the probe"),
    ],
)
def test_after_the_pause_one_probe_goes_alone(ending: Ending, second: str, opens_again_at: float | None) -> None:
    """What the probe finds decides for the others."""
    gate = Gate(ProviderLimits())
    fail(gate, FAILURES_TO_OPEN, 0)
    probe, other = arrive(gate, FIRST_PAUSE), arrive(gate, FIRST_PAUSE)
    assert (probe.state, other.state) == ("in", "waiting")

    gate.leave(probe, ending, FIRST_PAUSE)

    assert other.state == second
    if opens_again_at is not None:
        assert arrive(gate, opens_again_at - 0.1).state == "refused"
        assert arrive(gate, opens_again_at).state == "in"


def test_leaving_twice_gives_back_one_place() -> None:
    """A cancelled settlement that runs again frees nothing it does not have."""
    gate = Gate(ProviderLimits(concurrency=2))
    first = arrive(gate, 0)

    gate.leave(first, "answered", 1)
    gate.leave(first, "answered", 1)

    assert gate.inflight == 0


@pytest.mark.parametrize("seed", range(20))
def test_no_order_of_events_breaks_a_limit_or_forgets_anyone(seed: int) -> None:
    """Limits hold at every step, and when all is over nobody is left in line or inside."""
    random, now = Random(seed), 0.0
    gate = Gate(ProviderLimits(concurrency=3, rpm=20, tpm=200))
    inside: list[Ticket] = []
    everyone: list[Ticket] = []
    entered: list[float] = []
    for _ in range(600):
        now += random.choice([0.0, 0.1, 2.0])
        act = random.random()
        if act < 0.5:
            everyone.append(arrive(gate, now, tokens=random.randint(1, 40)))
        elif act < 0.6:
            gate.drop(random.choice(everyone or [arrive(gate, now)]), now)
        elif inside:
            ending: Ending = random.choice(["answered", "answered", "limited", "failed", "nothing"])
            gate.leave(random.choice(inside), ending, now, tokens=random.randint(0, 40))
        gate.admit(now)
        inside = [ticket for ticket in everyone if ticket.state == "in"]
        entered = [ticket.entered_at for ticket in everyone if ticket.counted is not None]
        assert gate.inflight <= 3
        assert sum(at > now - MINUTE for at in entered) <= 21  # one stray ticket may enter unlisted
    for _ in range(2_000):
        now += 1
        gate.admit(now)
        for ticket in [ticket for ticket in everyone if ticket.state == "in"]:
            gate.leave(ticket, "answered", now, tokens=1)
        if not gate.line:
            break
    assert not gate.line


def test_threads_and_tasks_share_one_line() -> None:
    """Fifty waiters of both kinds never stand inside together, and all get through."""
    limiter = Limiter("p", ProviderLimits(concurrency=2))
    seen: list[int] = []

    def visit() -> None:
        entry = limiter.enter(1, timeout=20)
        seen.append(limiter.inflight)
        entry.leave()

    async def avisit() -> None:
        entry = await limiter.aenter(1, timeout=20)
        await asyncio.sleep(0)
        seen.append(limiter.inflight)
        entry.leave()

    async def together() -> None:
        with ThreadPoolExecutor(25) as pool:
            threads = [asyncio.wrap_future(pool.submit(visit)) for _ in range(25)]
            await asyncio.gather(*threads, *(avisit() for _ in range(25)))

    asyncio.run(together())

    assert len(seen) == 50
    assert max(seen) <= 2
    assert (limiter.inflight, limiter.waiting) == (0, 0)


def test_cancelled_waiters_leak_nothing() -> None:
    """Tasks cancelled in line, or in the moment they are let in, leave no trace."""
    limiter = Limiter("p", ProviderLimits(concurrency=1))

    async def scenario() -> None:
        first = limiter.line_up(1)
        waiters = [asyncio.create_task(limiter.aenter(1, timeout=20)) for _ in range(20)]
        await asyncio.sleep(0)
        first.leave()  # lets the next one in, which has not run yet
        for waiter in waiters:
            waiter.cancel()
        await asyncio.gather(*waiters, return_exceptions=True)

    asyncio.run(scenario())

    assert (limiter.inflight, limiter.waiting) == (0, 0)


@pytest.mark.parametrize("is_async", [False, True], ids=["thread", "task"])
def test_waiting_ends_with_the_time_left(is_async: bool) -> None:
    """A full provider is no reason to wait past a deadline, and nothing was sent."""
    limiter = Limiter("p", ProviderLimits(concurrency=1))
    limiter.enter(1, timeout=math.inf)

    with pytest.raises(NoPlace, match="no place at p came free in time") as caught:
        asyncio.run(limiter.aenter(1, timeout=0.01)) if is_async else limiter.enter(1, timeout=0.01)

    assert caught.value.nothing_sent
    assert (limiter.inflight, limiter.waiting) == (1, 0)


def test_time_alone_lets_the_next_one_in() -> None:
    """Nobody has to leave for a minute to pass: an alarm is set once and rung."""
    clock = TickingClock()
    alarms: list[tuple[float, Callable[[], None]]] = []
    limiter = Limiter("p", ProviderLimits(rpm=1), clock=clock, later=lambda *alarm: alarms.append(alarm))
    limiter.line_up(1).leave()
    late, last = limiter.line_up(1), limiter.line_up(1)
    assert [seconds for seconds, _ in alarms] == [MINUTE]

    clock.advance(MINUTE)
    alarms[0][1]()

    assert (late.future.done(), last.future.done()) == (True, False)
    assert [seconds for seconds, _ in alarms] == [MINUTE, MINUTE]


def test_a_real_alarm_rings() -> None:
    """Without a clock of one's own the next one goes in when the pause is over."""
    limiter = Limiter("p")
    limiter.line_up(1).leave(lm15.RateLimitError("slow", retry_after=0.01))

    entry = limiter.line_up(1)

    assert entry.future.result(10) is None


def test_an_open_breaker_answers_at_once() -> None:
    """Failing fast names the provider and the pause, to those in line too."""
    limiter = Limiter("p", ProviderLimits(concurrency=1), clock=TickingClock())
    for _ in range(FAILURES_TO_OPEN - 1):
        limiter.line_up(1).leave(lm15.ServerError("down"))
    last, waiting = limiter.line_up(1), limiter.line_up(1)

    last.leave(lm15.ServerError("down"))

    with pytest.raises(ProviderDown, match="p failed 5 times in a row and is left alone for 5 s"):
        waiting.future.result(0)
    with pytest.raises(ProviderDown, match="left alone"):
        limiter.enter(1, timeout=60)
    with pytest.raises(ProviderDown, match="left alone"):
        asyncio.run(limiter.aenter(1, timeout=60))


def test_a_callback_may_come_back_in() -> None:
    """Whoever is told of a place may use the limiter at once, on the same thread."""
    limiter = Limiter("p", ProviderLimits(concurrency=1))
    first, second = limiter.line_up(1), limiter.line_up(1)
    second.future.add_done_callback(lambda _future: second.leave())

    first.leave()

    assert (limiter.inflight, limiter.waiting) == (0, 0)


@pytest.mark.parametrize(
    ("error", "ending"),
    [
        pytest.param(None, "answered", id="an answer"),
        pytest.param(lm15.RateLimitError("x"), "limited", id="429"),
        pytest.param(lm15.ServerError("x"), "failed", id="500"),
        pytest.param(lm15.TimeoutError("x"), "failed", id="timeout"),
        pytest.param(lm15.TransportError("x"), "failed", id="reset"),
        pytest.param(lm15.AuthError("x"), "answered", id="401"),
        pytest.param(lm15.ContextLengthError("x"), "answered", id="too long"),
        pytest.param(lm15.ConfigurationError("x"), "nothing", id="never sent"),
        pytest.param(asyncio.CancelledError(), "nothing", id="cancelled"),
    ],
)
def test_only_the_providers_own_failures_count_against_it(error: BaseException | None, ending: str) -> None:
    """A wrong request is an answer; a cancelled one says nothing."""
    assert ending_of(error) == ending


def test_everybody_who_asks_a_provider_shares_its_limiter() -> None:
    """Limits belong to the provider, not to the tier."""
    limiters = Limiters({"openai": ProviderLimits(concurrency=1)})

    assert limiters.of("openai") is limiters.of("openai")
    assert limiters.of("openai") is not limiters.of("groq")


def test_one_servers_failures_are_its_own() -> None:
    """Two servers of one kind stand behind two breakers, under the same limits."""
    limiters = Limiters({"openai": ProviderLimits(concurrency=1)})
    for _ in range(FAILURES_TO_OPEN):
        limiters.of("openai", "http://a/v1").line_up(1).leave(lm15.ServerError("down"))

    with pytest.raises(ProviderDown, match="http://a/v1 failed"):
        limiters.of("openai", "http://a/v1").enter(1, timeout=1)
    limiters.of("openai", "http://b/v1").enter(1, timeout=1)
    assert limiters.of("openai", "http://b/v1").line_up(1).future.done() is False
