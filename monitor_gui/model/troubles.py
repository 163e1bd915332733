"""Sentences that come as finished English: from the client library, the feed, a server's refusal.

They are raised where nobody knows of languages, so they are recognised here (see `retold`). A test
reads the sources that raise them and fails on one that is missing below.
"""

from __future__ import annotations

from typing import Final

from monitor_gui.model.phrases import say

TROUBLES: Final = (
    # The connection, as the client library says it.
    say("the connection broke: {why}"),
    say("no answer on a new connection (is this client's certificate accepted?): {why}"),
    say("the server closed the connection"),
    say("the connection was closed on this side"),
    say("the connection is busy"),
    say("the connection is not open"),
    say("the client was closed during this call"),
    say("this client is closed"),
    say("earlier requests of this client have no answer yet"),
    say("{host} is silent in the TLS handshake"),
    say(
        "the server's certificate is not accepted ({why}); check the CA file and the address in "
        "the client profile"
    ),
    say(
        "the server refused this client's TLS ({why}); use a client certificate that was issued "
        "for this installation"
    ),
    say(
        "the server's certificate is not valid yet by this computer's clock ({now}); set this"
        " computer's clock, then repeat"
    ),
    say(
        "the server's certificate has expired by this computer's clock ({now}); set the clock"
        " if it is wrong, else have the server's certificate renewed"
    ),
    say(
        "the server refused this client's certificate as expired; have a new one issued, or "
        "have the server's clock looked at if it has not expired"
    ),
    say("the connection is refused: no server listens on that port there"),
    say("no way leads to that host, or it has no power"),
    say("this computer has no network that leads there"),
    say("this computer's network is down"),
    say("the name cannot be resolved ({why})"),
    say("{host} was not resolved in time"),
    say(
        "{source} names {path}, and whose home directory that is, is not known here; write "
        "the whole path"
    ),
    say("{path} cannot be looked at: {why}"),
    say(
        "this user has no home directory, so there is no ~/.ssh/known_hosts to know the host "
        "by: set HOME"
    ),
    say("the server does not speak HTTP/1.1 ({why})"),
    say("the server answered without being asked"),
    say("the server does not start the event stream"),
    say("the answer is larger than {bound} bytes"),
    say("an event is larger than {bound} bytes"),
    say("the server lists more than {bound} leases"),
    say("the server's pages of leases lead nowhere"),
    say("the server's answer is not a {kind} ({why})"),
    say(
        "the licence servers have lost their quorum (missing: {names}); bring one of them back, "
        "then repeat"
    ),
    # What hosts say of themselves.
    say("gets a snapshot, {count} of {all} chunks"),
    say("the upstreams wait for a restore"),
    say("some upstreams wait for a restore, and others do not"),
    say("the upstreams were told to restore different things"),
    say("its mark is there, but the database is not"),
    say("its mark cannot be read"),
    say("its mark is missing"),
    say("its mark is that of another store"),
    say("the database is not in order: {what}"),
    say("the log's last entry {index} is another one than was stored last"),
    say("the record of its {table} is not as it was written"),
    say("entry {index} is not as it was written"),
    say("entry {index} is missing"),
    say("entry {index} does not follow on the one before"),
    say("entry {index}, which its mark names, is missing"),
    say("entry {index} is another one than its mark says"),
    say("chunk {index} of the snapshot is missing or not as it was written"),
    say("the snapshot belongs to another log"),
    say("it is {count} transactions behind its mark: entry {index} instead of {last} is its last"),
    say("it says something else than its mark"),
    say("it promised or adopted a lower term than its mark says"),
    say("fewer entries of it are committed than its mark says"),
    say("it says that {count} entries were committed, but ends with {index}"),
    say(
        "it holds {count} entries from {first} to {last} instead of {wanted} from {start} to {end}"
    ),
    say("{address} ({link}) sends VRRP adverts for our router id {number} (priority {priority})"),
    say(
        "VRRP adverts in the twin's name ({address}, priority {priority}) come from {link}, and "
        "the twin is at {other}"
    ),
    # The profile.
    say("the CA file {path} cannot be read ({why}); name a PEM file"),
    say(
        "the client certificate {path} or its key {key} cannot be used ({why}); name a PEM "
        "certificate and its unencrypted key"
    ),
    say("{path} names {other}, which does not exist or is not a file"),
    say("there is no file {path}; name a client profile (TOML)"),
    say("{path} cannot be read: {why}"),
    say("{path} cannot be read ({why})"),
    say("{path} is no TOML: {why}"),
    say("{path}: addresses is empty; name the virtual IP and its port"),
    say('{path}: the address "{text}" is not of the form host:port'),
    say("{path}: certificate and key belong together; set both or neither"),
    say("{path}: set only one of certificate, token and token_file, since each is an identity"),
    say("{path}: token_file cannot be read ({why})"),
    say("{path}: {name} names {other}, which does not exist or is not a file"),
    say(
        "{path}: licence_root is missing; name the licence root's certificate, without which no "
        "receipt can be verified"
    ),
    say("{path}: licence_root cannot be read ({why})"),
    # SSH.
    say("the key of {host} was not trusted; nothing was sent"),
    say("{host} shows another key each time: do not connect"),
    say(
        "the key of {host} has CHANGED (now {fingerprint}): do not connect; ask its administrator, "
        "and only if the change was meant remove the old key from {path}"
    ),
    say("{host} does not let {user} in: check the user, the key file and the agent"),
    say("no SSH connection to {host} ({why})"),
    say("the key {path} has a passphrase: give it to your SSH agent and name no key file here"),
    say("the key {path} cannot be used ({why})"),
    # An operator's act, refused.
    say("say why: the reason is recorded"),
    say("say why in one line, without control characters"),
    say("host, which is to serve, is {host} or {other}"),
    say("host is {host} or {other}"),
    say("{host} is in maintenance already"),
    say("{host} reaches {count} upstreams"),
    say("{client} holds no lease {lease}"),
    say("the lease is now generation {generation}"),
    say("no container has the serial {serial}"),
    say("there is no container {serial}, but {others}"),
    say("this needs an operator certificate with role {role}"),
    say("repeat the request with the same id"),
    say("nothing is known of it: repeat it with the same id"),
    say("faults can be made in the demo only"),
    # How a system is reached.
    say("directly"),
    say("inside this program"),
    say("through SSH by {target}"),
    # This program.
    say("a fault of this program, {what}"),
    say("this program is not installed completely ({why})"),
    # The demo.
    say("no TMR host serves at present"),
    say("the demo knows no fault called {name}"),
    say("{name} lost power."),
    say("{name} has power again."),
    say("{name} has a wrong time."),
    say("{name} has the right time again."),
    say("The disk of {name} fills up."),
    say("{name} has room again."),
    say("{name} reaches one time server."),
    say("{name} reaches both time servers."),
    say("{name}'s container is locked."),
    say("{name}'s container is not locked any more."),
    say("cut {name}"),
    say("restore {name}"),
    say("clock {name}"),
    say("mend {name}"),
    say("lock {name}"),
    say("unlock {name}"),
    say("fill {name}"),
    say("clean {name}"),
    say("deafen {name}"),
    say("cure {name}"),
)
