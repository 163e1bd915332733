"""The bounds of what is written to disk, by the function that writes it.

What a server writes by itself is replaced as a whole, or has a limit. What only a person's command
writes is as many files as that person asked for. systemd keeps the logs, within its own limits.
"""

from __future__ import annotations

from typing import Final

from tests.unit.bounds.kinds import Bound, within

ONE: Final = "one file, replaced as a whole"
ASKED: Final = "one file or a few, for the person who runs the command"

SERVED: Final[dict[str, Bound]] = {
    "adapters.contact_log:_write": within("adapters.contact_log.STATIONS_MAX", ONE),
    "services.contacts:_open": within(
        "services.contacts.CONTAINERS_MAX", "a row each, replaced as a whole"
    ),
    "adapters.container_home:create": within("adapters.container_home.ContainerHome", "once"),
    "adapters.keys.held:make": within("adapters.keys.held.KEY_FILE", "once"),
    "adapters.keys.held:write": within("adapters.keys.held.CHANGES_MAX", ONE),
    "adapters.keys.token:_remember_wrong": within("adapters.keys.token.WRONG_PIN_FILE", ONE),
    "adapters.keys.tpm:seal": within("adapters.keys.tpm.TpmSealed", "gone at its end"),
    "adapters.keys.tpm:unseal": within("adapters.keys.tpm.TpmSealed", "gone at its end"),
    "adapters.container_home:import_update": within(
        "adapters.container_home.UPDATES_MAX", "of each firm, of which there are FIRMS_MAX"
    ),
    "adapters.container_home:learn_block_list": within(
        "codec.block_list.BLOCK_LIST_BYTES_MAX", ONE
    ),
    "adapters.container_home:save_times": within("adapters.container_home.BoxTimes", ONE),
    "adapters.files:write_whole": within("adapters.files._ASIDE", "its file aside has one name"),
    "adapters.files:new_file": within("adapters.files.new_file", "gone at its end, unless killed"),
    "adapters.vrrp.keepalived:write_verdict": within("adapters.vrrp.keepalived.Paths", ONE),
    "adapters.vrrp.keepalived:install_configuration": within("adapters.vrrp.keepalived.Paths", ONE),
    "adapters.vrrp.process:__init__": within(
        "adapters.vrrp.process.FIFO_LINE_BYTES_MAX", "a pipe, which holds nothing for long"
    ),
    "adapters.store.files:__init__": within(
        "adapters.store.archive.ArchiveLimits.bytes_max",
        "the mark has two slots; segments are sealed",
    ),
    "adapters.store.home:connect": within(
        "services.settings.ENTRIES_MAX", "the log goes to the archive behind each snapshot"
    ),
    "cli._alerting:keep": within("watch.alerts.CAUSES_MAX", ONE),
    "cli.serve:_try_keepalived": within("cli.serve._try_keepalived", "gone at its end"),
    "monitor_gui.feed.history:_write_alerts": within(
        "monitor_gui.model.alerting.OPEN_MAX", "one for each system, replaced as a whole"
    ),
    "monitor_gui.feed.history:_write": within(
        "monitor_gui.feed.history.BYTES_MAX", "three times that, for each system"
    ),
}

COMMANDS: Final[dict[str, Bound]] = {
    "cli._reissue:move": within("cli._reissue.move", ASKED),
    "services.standalone.making:make": within("services.standalone.making.make", ASKED),
    "services.standalone.making:_profile": within("services.standalone.making._profile", ASKED),
    "adapters.pki.authority:create_ca": within("adapters.pki.authority.create_ca", ASKED),
    "adapters.pki.authority:_issue": within("adapters.pki.authority._issue", ASKED),
    "adapters.pki.authority:write_key": within("adapters.pki.authority.write_key", ASKED),
    "adapters.pki.hosts:request_host": within("adapters.pki.hosts.request_host", ASKED),
    "adapters.pki.hosts:accept_host": within("adapters.pki.hosts.accept_host", ASKED),
    "adapters.pki.rotation:_write": within("adapters.pki.rotation._write", ASKED),
    "cli.access:_write": within("cli.access.access", ASKED),
    "cli._usage_anchor:anchor": within(
        "cli._usage_anchor.anchor", "a token for each command that asks for one"
    ),
    "cli._backups:written": within("ledger.membership.backups", ASKED),
    "cli._blocks:crl": within("cli._blocks.crl", ASKED),
    "client.resume:_take_lock": within("client.resume.ResumeFile", "one beside each resume file"),
    "client.resume:_write": within("client.resume.Kept", ONE),
    "client.loan_store:_locked": within("client.loan_store.LOCKS_MAX", "beside each ticket"),
    "client.loan_store:_write": within("client.ticket_files.FILE_BYTES_MAX", ONE),
    "cli.borrow:_write": within("client.ticket_files.FILE_BYTES_MAX", ASKED),
    "cli._seat:create": within("cli._seat.remove", "one for each seat, gone at its check-in"),
    "cli._seat:save": within("cli._seat.remove", ONE),
    "cli._answers:answer": within("cli._answers.answer", ASKED),
    "cli.group:_write": within("cli.group._write", ASKED),
    "cli.container:request": within("cli.container.request", ASKED),
    "cli.pki:sign": within("cli.pki.sign", ASKED),
    "services.central.blocking:_publish": within("codec.block_list.BLOCKED_MAX", ONE),
    "services.central.records.backups:back_up": within("services.central.records.backups", ASKED),
    "services.central.records.backups:restore": within("services.central.records.backups", ASKED),
    "services.central.records.founding:make_database": within(
        "services.central.records.database.Records", "a vendor's records, which are to be kept"
    ),
    "services.central.handout:stage": within("services.central.handout.Handout", ASKED),
    "services.central.root_key:create": within("services.central.root_key.RootKey", ASKED),
    "services.central.storage:key_at": within("services.central.storage.key_at", ASKED),
    "services.central.time_servers:make_time_server": within(
        "services.central.time_servers.make_time_server", ASKED
    ),
    "monitor_gui.entry:install": within("monitor_gui.entry.install", ASKED),
    "monitor_gui.feed.ssh:_remember": within(
        "monitor_gui.feed.ssh.Tunnels", "one line for each host that a person said yes to"
    ),
    "monitor_gui.feed.thread:save": within("monitor_gui.feed.thread.Feed.save", ASKED),
    "monitor_gui.feed.thread:act": within("monitor_gui.feed.thread.Feed.save", "a part of it"),
}
