"""The whole ledger under any sequence of events, beside one kept by hand: accounts, carves, processes, deaths."""

from __future__ import annotations

import sqlite3
import tempfile
from asyncio import CancelledError
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from ledger_model import ZERO, Node, Numbers, Request, lacks, limited, plain, total
from ledger_processes import TEAM, Errand
from ledger_sittings import Sent, Sitting
from stores import KEY, STORES, settled, started
from test_account import PRICE, ask

from agentflow.account import Account
from agentflow.budget import Budget
from agentflow.engines.teller import carve, reserve, return_unused
from agentflow.events import CallId, CallIntended, CallLost, CallReleased, Event, RunContinued
from agentflow.reservation import Ask, Refusal
from agentflow.usage import FREE, NOTHING, Amount

LIMITS = st.fixed_dictionaries(
    {},
    optional={
        "usd": st.integers(0, 300).map(lambda nano: f"{nano}e-9"),
        "tokens": st.integers(0, 200),
        "calls": st.integers(0, 8),
    },
)
ASKS = st.builds(ask, st.integers(1, 30), st.integers(5, 30), st.integers(1, 5), price=st.sampled_from([PRICE, FREE]))
WAYS = st.sampled_from(["below", "nothing", "at", "above", "release", "lose"])
ROUNDS = 60
"""How often time may pass before whoever still waits is held to wait for ever."""


class Ledger(RuleBasedStateMachine):
    """Several processes, of which some share a standing account, and a crash now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.alive: list[Sitting] = []
        self.gone: list[Sitting] = []
        """Dead or left; each may be resumed once."""
        self.dead: list[Sitting] = []
        self.charged: dict[CallId, tuple[Numbers, Numbers]] = {}
        """What each request that ended was charged, and how much of that lies above its bound."""
        self.answered: set[CallId] = set()
        self.orphans: dict[CallId, tuple[Numbers, int]] = {}
        """Bound and owner of what dead owners left open."""
        self.on_team: set[str] = set()
        self.serial = count()

    def open(self) -> Any:
        return STORES["sqlite"](Path(self.folder.name))

    @initialize(limits=LIMITS, tokens=st.integers(0, 600))
    def start(self, limits: dict[str, Any], tokens: int) -> None:
        self.allowance = Budget(**{"tokens": tokens, **limits})
        self.teller = self.open()
        """Spends nothing: it opens the account, and looks."""
        self.teller.open_account(TEAM, self.allowance.to_json())
        self.eye = sqlite3.connect(next(Path(self.folder.name).rglob("*.db")))

    # people

    @rule(limits=LIMITS, is_on_team=st.booleans())
    @precondition(lambda self: len(self.alive) < 3)
    def enter(self, limits: dict[str, Any], is_on_team: bool) -> None:
        run = f"run-{next(self.serial)}"
        sitting = Sitting(self.open(), run, limits, team=self.allowance if is_on_team else None)
        sitting.store.append(started(run, account=TEAM if is_on_team else "")).result()
        sitting.store.claim(run)
        self.on_team |= {run} if is_on_team else set()
        self.alive.append(sitting)

    @rule(who=st.integers(0, 9), where=st.integers(0, 9), limits=LIMITS, is_carve=st.booleans())
    @precondition(lambda self: self.alive)
    def spawn(self, who: int, where: int, limits: dict[str, Any], is_carve: bool) -> None:
        sitting = self._one(who)
        parent, above = _pick(sitting.own, where)
        path = f"{parent.path}/{next(self.serial)}"
        self._spawn(sitting, Account(Budget(**limits), path=path, parent=parent), above, is_carve=is_carve)

    @rule(who=st.integers(0, 9), where=st.integers(0, 9), how=st.sampled_from(["close", "halt", "latch", "exhaust"]))
    @precondition(lambda self: self.alive)
    def stop(self, who: int, where: int, how: str) -> None:
        sitting = self._one(who)
        account, node = _pick(sitting.own, where)
        if how == "close":
            node.is_closed = True
            account.close()
        else:
            node.stops.add(how)
            getattr(account, how)(how)
        self._settle_down()

    # money

    @rule(who=st.integers(0, 9), where=st.integers(0, 9), asked=ASKS)
    @precondition(lambda self: self.alive)
    def ask(self, who: int, where: int, asked: Ask) -> None:
        sitting = self._one(who)
        account, _ = _pick(sitting.own, where)
        errand = Errand(reserve(sitting.scope(account), asked), account, asked, lambda answer: None)
        errand.finish = lambda answer: self._answered(sitting, errand, answer)
        self._begin(sitting, errand)

    @rule(which=st.integers(0, 99), how=WAYS)
    @precondition(lambda self: any(sitting.sent for sitting in self.alive))
    def end(self, which: int, how: str) -> None:
        sitting, sent = _pick([(sitting, sent) for sitting in self.alive for sent in sitting.sent], which)
        self._end(sitting, sent, how)

    @rule()
    def let_time_pass(self) -> None:
        for sitting in list(self.alive):
            sitting.pump()
            self._settle_down()

    @rule(which=st.integers(0, 99))
    @precondition(lambda self: any(sitting.errands for sitting in self.alive))
    def cancel(self, which: int) -> None:
        sitting, errand = _pick([(sitting, errand) for sitting in self.alive for errand in sitting.errands], which)
        sitting.go_on(errand, CancelledError())
        self._settle_down()

    # death

    @rule(who=st.integers(0, 9), is_kill=st.booleans())
    @precondition(lambda self: self.alive)
    def leave(self, who: int, is_kill: bool) -> None:
        """Killed, or closed with requests on the wire: nobody will settle them any more."""
        sitting = self._one(who)
        self.alive.remove(sitting)
        self.gone.append(sitting)
        self.dead.append(sitting)
        epoch = self._epochs()[sitting.name]
        for sent in sitting.sent:
            self.orphans[sent.id] = (sent.request.bound, epoch)
        sitting.die() if is_kill else sitting.store.close()
        sitting.store.is_dead = True

    @rule(who=st.integers(0, 9))
    @precondition(lambda self: self.gone and len(self.alive) < 3)
    def resume(self, who: int) -> None:
        """The same run in another process: what is charged is known, what was answered replays for nothing."""
        before = self.gone.pop(who % len(self.gone))
        team = self.allowance if before.is_on_team else None
        sitting = Sitting(self.open(), before.name, before.limits, team=team)
        sitting.store.append(RunContinued(before.name, "{}")).result()
        sitting.store.claim(before.name)
        self._bury()
        totals = sitting.store.totals(before.name)
        run, node = sitting.own[0]
        node.known = total(spent for id, (spent, _) in self.charged.items() if id.run == before.name)
        over = total(over for id, (_, over) in self.charged.items() if id.run == before.name)
        assert (plain(totals.spent), plain(totals.over_bound)) == (node.known, over)
        sitting.run.may_replay = True
        sitting.run.look_back()
        sitting.answered_before = {id: self.charged[id] for id in self.answered if id.run == before.name}
        run.charge(totals.spent, unknown=totals.unknown, over_bound=totals.over_bound)
        self.alive.append(sitting)
        self._spawn_again(sitting, before)
        self._settle_down()

    @rule(who=st.integers(0, 9), which=st.integers(0, 99))
    @precondition(lambda self: any(sitting.replayable for sitting in self.alive))
    def replay(self, who: int, which: int) -> None:
        """A call of an earlier sitting is asked for again."""
        sitting, _ = _pick([(s, call) for s in self.alive for call in s.replayable], who)
        node, spent = sitting.replayable.pop(which % len(sitting.replayable))
        account = next(account for account, its in sitting.own if its is node)
        sitting.books.requests.append(Request(node, ZERO, spent, is_replay=True))
        account.charge_replayed(Amount(*spent))
        self._settle_down()

    # what always holds

    @invariant()
    def every_account_says_what_the_books_say(self) -> None:
        for sitting in self.alive:
            for account, node in sitting.accounts.items():
                spent, held = sitting.books.spent(node), sitting.books.held(node)
                assert (plain(account.spent), plain(account.held)) == (spent, held), node.path
                assert min(*spent, *held) >= 0

    @invariant()
    def nothing_is_overdrawn(self) -> None:
        for sitting in self.alive:
            for account, node in sitting.own:
                over = self._over(sitting, node)
                assert plain(account.over_bound) == over, node.path
                assert not (account.spent + account.held).excess_over(account._limit + Amount(*over)), node.path

    @invariant()
    def the_team_never_gives_more_than_it_has(self) -> None:
        if not hasattr(self, "allowance"):
            return
        self._bury()
        row, granted = self._team()
        spent = total(spent for id, (spent, _) in self.charged.items() if id.run in self.on_team)
        over = total(over for id, (_, over) in self.charged.items() if id.run in self.on_team)
        assert (plain(row.spent), plain(row.over_bound)) == (spent, over)
        limit = (self.allowance.nano, self.allowance.tokens, self.allowance.calls)
        for most, used, out, above in zip(limit, spent, plain(row.granted), over, strict=True):
            assert out >= 0
            assert most is None or used + out <= most + above
        epochs = self._epochs()
        for sitting in self.alive:
            if sitting.run.standing is not None:
                held = sitting.books.held(sitting.accounts[sitting.run.standing])
                assert not lacks(limited(limit, granted.get(epochs[sitting.name], ZERO)), held), (
                    "spends without a grant"
                )

    @invariant()
    def nobody_waits_where_nothing_is_on_the_wire(self) -> None:
        for sitting in self.alive:
            assert sitting.sent or not sitting.tickets()

    def teardown(self) -> None:
        try:
            self._finish_everything()
        finally:
            for sitting in self.alive:
                sitting.store.close()
                sitting.store.is_dead = True
            for sitting in [*self.alive, *self.dead]:
                for errand in sitting.errands:
                    errand.work.close()
            if hasattr(self, "teller"):
                self.teller.close()
                self.eye.close()
            self.folder.cleanup()

    # inside

    def _finish_everything(self) -> None:
        """Whatever is on the wire ends, everybody who waits is answered, and nobody holds anything."""
        for _ in range(ROUNDS):
            if not any(sitting.sent or sitting.errands for sitting in self.alive):
                break
            for sitting in self.alive:
                while sitting.sent:
                    self._end(sitting, sitting.sent[0], "below")
            self.let_time_pass()
        assert not any(sitting.errands for sitting in self.alive), "somebody waits for ever"
        for sitting in self.alive:
            for account, node in reversed(sitting.own):
                node.is_closed = True
                account.close()
            return_unused(sitting.run)
            assert all((account.held, account.on_wire) == (NOTHING, 0) for account in sitting.accounts)
        self.the_team_never_gives_more_than_it_has()
        if hasattr(self, "allowance"):
            self.teller.others_hold(TEAM)  # whoever is dead is buried
            assert not self._team()[0].granted, "a grant leaks"

    def _one(self, who: int) -> Sitting:
        return self.alive[who % len(self.alive)]

    def _begin(self, sitting: Sitting, errand: Errand) -> None:
        sitting.begin(errand)
        self._settle_down()

    def _settle_down(self) -> None:
        for sitting in self.alive:
            sitting.settle_down()

    def _spawn(self, sitting: Sitting, account: Account, above: Node, *, is_carve: bool) -> None:
        sitting.run.foresee(account)
        if not is_carve:
            sitting.enter(account, above)
            return
        work = carve(sitting.run, account)

        def finish(refusal: Refusal | None) -> None:
            node = sitting.enter(account, above)
            if refusal is not None:
                node.is_closed = True
                account.close()
                return
            node.is_carved = account._carved != frozenset()
            assert not sitting.books.is_stopped(above), "carved under a latch"

        self._begin(sitting, Errand(work, account, None, finish))

    def _spawn_again(self, sitting: Sitting, before: Sitting) -> None:
        """The same agents, outermost first; of those that could not be carved again nothing is below."""
        nodes = {node.path: (account, node) for account, node in sitting.own}
        for account, node in before.own[1:]:
            parent, _, _ = account.path.rpartition("/")
            if parent in nodes and not node.is_closed:
                above, its = nodes[parent]
                self._spawn(
                    sitting, Account(account.budget, path=account.path, parent=above), its, is_carve=node.is_carved
                )
                nodes = {node.path: (account, node) for account, node in sitting.own}
        for row in sitting.store.calls(before.name):
            if row.status == "done" and row.id.path in nodes:
                sitting.replayable.append((nodes[row.id.path][1], plain(row.spent)))

    def _answered(self, sitting: Sitting, errand: Errand, answer: Any) -> None:
        assert errand.ask is not None
        if isinstance(answer, Refusal):
            if answer.blamed is sitting.run.standing:
                self._justify_for_the_team(sitting, errand.account, errand.ask)
            else:
                sitting.note(errand, answer)
            return
        if answer not in sitting.granted:
            sitting.note(errand, answer)
        request = sitting.granted.pop(answer)
        id = CallId(sitting.name, errand.account.path, KEY, next(self.serial))
        account = TEAM if sitting.is_on_team else ""
        sitting.store.append(CallIntended(id, "small", "small", answer.amount, "byte", answer.cap, account)).result()
        sent = Sent(id, answer, request)
        sitting.sent.append(sent)
        if errand.account.halted:  # it is looked at once more before anything leaves
            self._end(sitting, sent, "release")

    def _justify_for_the_team(self, sitting: Sitting, account: Account, asked: Ask) -> None:
        """Not even all that is left, in whatever hands, would have been enough."""
        self._bury()
        standing = sitting.run.standing
        assert standing is not None
        _, granted = self._team()
        mine = self._epochs()[sitting.name]
        others = [amount for epoch, amount in granted.items() if epoch != mine]
        assert not any(map(any, others)), "refused while others may return something"
        limit = (self.allowance.nano, self.allowance.tokens, self.allowance.calls)
        spent = total(spent for id, (spent, _) in self.charged.items() if id.run in self.on_team)
        out = total([spent, sitting.books.held(sitting.accounts[standing])])
        room = tuple(None if most is None else most - used for most, used in zip(limit, out, strict=True))
        need = dict(sitting.books.needs(sitting.accounts[account], plain(asked.amount(asked.floor))))
        assert lacks(room, need[sitting.accounts[standing]]), (
            f"refused while what is left covers the bound: {need[sitting.accounts[standing]]} of {room}"
        )

    def _end(self, sitting: Sitting, sent: Sent, how: str) -> None:
        bound, id, request = sent.reservation.amount, sent.id, sent.request
        spent = {
            "below": Amount(bound.usd // 2, bound.tokens // 2, 1), "nothing": Amount(calls=1), "at": bound,
            "above": bound + Amount(7, 90, 0), "release": NOTHING, "lose": bound,
        }[how]  # fmt: skip
        over = spent.excess_over(bound)
        sitting.sent.remove(sent)
        request.charged, request.over = plain(spent), plain(over)
        self.charged[id] = request.charged, request.over
        event: Event
        if how == "release":
            sent.reservation.release()
            event = CallReleased(id, "429")
        elif how == "lose":
            sent.reservation.lose()
            event = CallLost(id, "reset")
        else:
            assert sent.reservation.settle(spent) == over
            event = settled(id, spent, over_bound=over)
            self.answered.add(id)
        sitting.store.append(event).result()
        return_unused(sitting.run)
        self._settle_down()

    def _bury(self) -> None:
        """Charge what the store says dead owners left open, once it has."""
        if self.orphans:
            living = set(self._select("SELECT epoch FROM owner"))
            for id, (bound, epoch) in list(self.orphans.items()):
                if (epoch,) not in living:
                    self.charged[id] = bound, ZERO
                    del self.orphans[id]

    def _over(self, sitting: Sitting, node: Node) -> Numbers:
        """What may be spent above the limit: over bounds, and nothing else."""
        earlier = total(over for id, (_, over) in self.charged.items() if id.run == sitting.name)
        return earlier if node.knows_all else sitting.books.over(node)

    def _team(self) -> tuple[Any, dict[int, Numbers]]:
        (row,) = self.teller.accounts()
        return row, {row[0]: row[1:] for row in self._select("SELECT epoch, usd, tokens, calls FROM granted")}

    def _epochs(self) -> dict[str, int]:
        return dict(self._select("SELECT name, epoch FROM run WHERE epoch IS NOT NULL"))

    def _select(self, query: str) -> list[Any]:
        return self.eye.execute(query).fetchall()


def _pick(many: list[Any], number: int) -> Any:
    return many[number % len(many)]
