"""What kind of bad day a seed is: a swarm of faults, drawn once (tigerbeetle's VOPR does the same).

One mix for all seeds would hide the bugs that need a quiet network and a hostile disk, or the other
way round; so each seed leaves out most faults and exaggerates a few.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from random import Random
from typing import Any

from appliance.ledger.limits import Limits
from appliance.ledger.replica.surroundings import Retention

CRASH_UPSTREAM = "crash-upstream"
CRASH_ON_WRITE = "crash-on-write"
CRASH_TMR = "crash-tmr"
CRASH_ALL = "crash-all"
CUT_LINK = "cut-link"
CUT_HOST = "cut-host"
FREEZE = "freeze"
ADDRESS = "address"
STEP_CLOCK = "step-clock"
SLOW_DISK = "slow-disk"
RELEASE = "release"
UPDATE = "update"
REPLACE = "replace"
ACCESS = "access"
"""Access rules are applied; in no usual seed, since it would change what else happens there."""
FULL_DISK = "full-disk"
BIT_ROT = "bit-rot"
FAULTS = (
    CRASH_UPSTREAM,
    CRASH_ON_WRITE,
    CRASH_TMR,
    CRASH_ALL,
    CUT_LINK,
    CUT_HOST,
    FREEZE,
    ADDRESS,
    STEP_CLOCK,
    SLOW_DISK,
    RELEASE,
    UPDATE,
    REPLACE,
)


@dataclass(frozen=True, slots=True)
class Options:
    """One seed's mix. Times in seconds; probabilities per message; faults per simulated second.

    `wrong_clock` is the twin whose clock steps and stops at random; nothing may come of it. With
    `other_wrong_clock` there is a second one, and log time may go astray until both are certified.
    `certified_per_s` is how often some container is.
    `malicious` is the host that lies, if any. With `flips` one upstream's memory of the licences
    goes wrong once. Every so often an upstream is away for `absent_s`.
    `full_disk_per_s` is how often some upstream's has no room for a
    while, and `rot_per_s` how often a record goes bad of one, if all others are sound.
    With `releases` hosts are upgraded and downgraded one by one, and operators raise the rules.
    `reserves` is how often what clients take is reserved, to be settled later.
    `waits` is how often a check-out waits; where none does, denials are no entries either: in no
    usual seed, since it would change what else happens there.
    `kept` is how likely a crash leaves a write durable that nobody was told about yet.
    """

    seed: int
    duration_s: float = 8.0
    clients: int = 4
    frames: bool = False
    hostile: bool = False
    loss: float = 0.0
    double: float = 0.0
    late: float = 0.0
    late_s: float = 0.3
    delay_s: float = 0.001
    disk_s: float = 0.001
    advert_int_s: float = 0.1
    faults_per_s: float = 0.0
    weights: dict[str, float] = field(default_factory=dict)
    quantity: int = 2
    tmr_ids: int = 1
    units: int = 20
    lease_ttl_s: int = 1
    think_s: float = 0.15
    patience_s: float = 0.3
    differing_twin: int = 0
    expires_in_s: int = 0
    usage_period_s: int = 0
    reserves: float = 0.0
    wrong_clock: int = 0
    other_wrong_clock: int = 0
    certified_per_s: float = 0.0
    heal_third: bool = True
    kept: float = 0.3
    limits: Limits = field(default_factory=Limits)
    retention: Retention = field(default_factory=Retention)
    absent_s: float = 0.0
    full_disk_per_s: float = 0.0
    rot_per_s: float = 0.0
    malicious: str = ""
    flips: bool = False
    releases: bool = False
    waits: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for reports."""
        return asdict(self)


def swarm(seed: int, exaggerate: str = "") -> Options:
    """The options of a seed; one fault may be made far more likely than it is."""
    options = _with_usage(_with_releases(_with_bad_disks(_with_flips(_drawn(seed)))))
    if not exaggerate:
        return options
    weights = options.weights | {exaggerate: 3.0}
    return replace(options, weights=weights, faults_per_s=max(options.faults_per_s, 1.0))


def _drawn(seed: int) -> Options:
    rng = Random(f"options {seed}")
    hostile = rng.random() < 0.5
    weights = {name: rng.choice((0.0, 0.3, 1.0, 1.0, 3.0)) for name in FAULTS}
    weights[CRASH_ALL] *= 0.2
    small = rng.random() < 0.4
    odd = rng.choice((0, 0, 1, 2, 3))  # One twin is the odd one in every respect, else none vouch.
    options = Options(
        seed=seed,
        duration_s=rng.choice((4.0, 6.0, 8.0)),
        clients=rng.randint(1, 8),
        frames=rng.random() < 0.5,
        hostile=hostile,
        loss=rng.choice((0.0, 0.01, 0.05, 0.2)) if hostile else 0.0,
        double=rng.choice((0.0, 0.01, 0.1)) if hostile else 0.0,
        late=rng.choice((0.0, 0.01, 0.1)),
        late_s=rng.choice((0.05, 0.3, 1.0)),
        delay_s=rng.choice((0.0005, 0.002, 0.01)),
        disk_s=rng.choice((0.0005, 0.003, 0.02)),
        faults_per_s=rng.choice((0.0, 1.0, 3.0, 6.0)),
        weights=weights,
        quantity=rng.randint(1, 3),
        tmr_ids=rng.randint(1, 2),
        units=rng.choice((3, 20, 1000)),
        lease_ttl_s=rng.choice((1, 1, 2, 60)),
        think_s=rng.choice((0.02, 0.1, 0.3)),
        patience_s=rng.choice((0.1, 0.3, 1.0)),
        differing_twin=odd if rng.random() < 0.6 else 0,
        expires_in_s=rng.choice((0, 0, 0, 5)),
        wrong_clock=odd,
        heal_third=rng.random() < 0.7,
        limits=Limits(
            window_bytes=rng.choice((300, 2_000)),
            message_entries=rng.randint(1, 4),
            message_bytes=rng.choice((200, 5_000)),
            fetch_bytes=rng.choice((200, 2_000)),
            in_flight=rng.randint(1, 8),
        )
        if small
        else Limits(),
    )
    return _with_snapshots(_with_clocks(options))


def _with_snapshots(options: Options) -> Options:
    """The same mix with logs that are cut after a few entries, and with long absences.

    Drawn apart, so that it changes nothing else about a seed.
    """
    rng = Random(f"snapshots {options.seed}")
    absent_s = rng.choice((0.0, 1.0, 2.0, 4.0))
    if rng.random() < 0.15:
        return replace(options, retention=Retention(every=0), absent_s=absent_s)
    return replace(
        options,
        retention=Retention(
            every=rng.choice((2, 5, 10)), keep=rng.choice((0, 1, 5)), slice=rng.choice((1, 3, 50))
        ),
        absent_s=absent_s,
    )


def _with_clocks(options: Options) -> Options:
    """The same mix with time servers, and in one seed of six with a second wrong clock.

    Drawn apart, so that it changes nothing else about a seed.
    """
    rng = Random(f"clocks {options.seed}")
    certified_per_s = rng.choice((0.0, 0.5, 2.0))
    if rng.random() >= 1 / 6:
        return replace(options, certified_per_s=certified_per_s)
    one, other = rng.sample((1, 2, 3), 2)
    # Two that object to each grant, for whatever reason, would leave nobody to vouch for it.
    return replace(
        options,
        certified_per_s=6.0,
        wrong_clock=one,
        other_wrong_clock=other,
        differing_twin=0,
        expires_in_s=0,
    )


def _with_flips(options: Options) -> Options:
    """The same mix, in one seed of five with a bit that flips in memory; drawn apart, too."""
    if Random(f"flips {options.seed}").random() >= 1 / 5:
        return options
    # Whoever is found out is off until its store is replaced, which takes both others.
    return replace(options, flips=True, heal_third=True)


def _with_bad_disks(options: Options) -> Options:
    """The same mix with full and rotting disks, each in two seeds of five; drawn apart, too."""
    rng = Random(f"bad disks {options.seed}")
    full_disk_per_s, rot_per_s = (rng.choice((0.0, 0.0, 0.0, 0.3, 1.0)) for _ in range(2))
    if options.flips:
        rot_per_s = 0.0  # Two stores that are wrong at once are one more than three can bear.
    return replace(
        options,
        full_disk_per_s=full_disk_per_s,
        rot_per_s=rot_per_s,
        # As for flips: a new store takes both others.
        heal_third=options.heal_third or rot_per_s > 0.0,
    )


def _with_releases(options: Options) -> Options:
    """The same mix with hosts of several releases, in two seeds of five; drawn apart, too."""
    return replace(options, releases=Random(f"releases {options.seed}").random() < 0.4)


def _with_usage(options: Options) -> Options:
    """The same mix with a licence that works for two seconds from its first use on, in one seed of
    four (two wrong clocks would leave nobody to vouch for it), and with clients that reserve, in
    one of three; drawn apart, too."""
    rng = Random(f"usage {options.seed}")
    timed = rng.random() < 1 / 4 and not options.other_wrong_clock
    reserves = rng.choice((0.0, 0.0, 0.5))
    return replace(options, usage_period_s=2 if timed else 0, reserves=reserves)


HOSTS = ("up1", "up2", "up3", "tmr1", "tmr2")
_BEARABLE = (CRASH_TMR, ADDRESS, STEP_CLOCK, RELEASE, UPDATE)
"""What may happen beside a lying upstream, of which two honest ones are left."""


def malicious_swarm(seed: int, two_faults: bool = False) -> Options:
    """The options of a seed in which one host of five lies, each in its turn.

    Two upstreams are right then, or three. A lie and a power cut, a lost disk or a cut or slow link
    at another upstream are two faults at once, which three replicas are not there to bear: they
    are left out beside a lying upstream, and so are lost disks and wrong clocks beside a hijacked
    TMR host, unless `two_faults` asks for all.
    """
    options = replace(_drawn(seed), malicious=HOSTS[seed % len(HOSTS)], faults_per_s=3.0)
    place = seed % len(HOSTS)
    lying_twin = place + 1 if place < 3 else 0
    options = replace(
        options,
        wrong_clock=lying_twin,
        absent_s=0.0 if lying_twin else options.absent_s,
        other_wrong_clock=0,
        differing_twin=0,
        expires_in_s=0,
        weights=options.weights | {REPLACE: 0.0},
    )
    if two_faults or not lying_twin:
        return options
    return replace(
        options,
        hostile=False,
        loss=0.0,
        double=0.0,
        late=0.0,
        delay_s=min(options.delay_s, 0.002),
        disk_s=0.0005,
        weights={n: w if n in _BEARABLE else 0.0 for n, w in options.weights.items()},
    )
