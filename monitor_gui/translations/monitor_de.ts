<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
  <context>
    <name>monitor</name>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/forecast.py" />
      <source> The {n} units it took stay used.</source>
      <translation>
        <numerusform> Die {n} Einheit, die sie entnommen hat, bleibt verbraucht.</numerusform>
        <numerusform> Die {n} Einheiten, die sie entnommen hat, bleiben verbraucht.</numerusform>
      </translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/status_line.py" />
      <source> · read-only</source>
      <translation> · schreibgeschützt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/connections.py" />
      <source>"{text}" is not of the form host:port</source>
      <translation>„{text}“ hat nicht die Form host:port</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/connections.py" />
      <source>"{text}" is not of the form user@host or user@host:port</source>
      <translation>„{text}“ hat nicht die Form user@host oder user@host:port</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>&amp;About…</source>
      <translation>&amp;Über…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>&amp;Add…</source>
      <translation>&amp;Hinzufügen…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>&amp;Connect</source>
      <translation>&amp;Verbinden</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>&amp;Connections…</source>
      <translation>&amp;Verbindungen…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>&amp;Demo</source>
      <translation>&amp;Demo</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>&amp;Edit…</source>
      <translation>&amp;Bearbeiten…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>&amp;Full screen</source>
      <translation>&amp;Vollbild</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>&amp;Help</source>
      <translation>&amp;Hilfe</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>&amp;Jump host</source>
      <translation>S&amp;prungrechner</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>&amp;Language</source>
      <translation>&amp;Sprache</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>&amp;Name</source>
      <translation>&amp;Name</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>&amp;Quit</source>
      <translation>&amp;Beenden</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>&amp;Read-only</source>
      <translation>&amp;Schreibgeschützt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>&amp;Remove</source>
      <translation>&amp;Entfernen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>&amp;System</source>
      <translation>&amp;System</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>&amp;View</source>
      <translation>&amp;Ansicht</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>(virtual)</source>
      <translation>(virtuell)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>? not asked yet</source>
      <translation>? noch nicht gefragt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>? not told</source>
      <translation>? nicht bekannt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>? unreachable</source>
      <translation>? nicht erreichbar</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>A clock more than {n} s off the vote has no say.</source>
      <translation>Eine Uhr, die mehr als {n} s von der Abstimmung abweicht, hat keine Stimme.</translation>
    </message>
    <message>
      <source>A failover takes a second. If it stays so, look at tmr-server.service and tmr-vip.service on both TMR hosts.</source>
      <extracomment>problem not-serving</extracomment>
      <translation>Ein Failover dauert eine Sekunde. Bleibt es so, tmr-server.service und tmr-vip.service auf beiden TMR-Hosts ansehen.</translation>
    </message>
    <message>
      <source>A stranger on the network of {host} wants the virtual IP: {why}</source>
      <extracomment>problem vrrp-stranger</extracomment>
      <translation>Ein Fremder im Netz von {host} will die virtuelle IP: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>A token labelled {label} is not there: plug it in</source>
      <translation>Ein Token mit dem Namen {label} ist nicht da: stecken Sie es ein</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>About TMR monitor</source>
      <translation>Über den TMR-Monitor</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Access mode</source>
      <translation>Zugriffsart</translation>
    </message>
    <message>
      <source>Access rules reserve {reserved} seats of {product}, and there are {quantity}: earlier lines get theirs, later ones less or none</source>
      <extracomment>problem over-reserved</extracomment>
      <translation>Die Zugriffsregeln reservieren {reserved} Plätze von {product}, es gibt aber {quantity}: frühere Zeilen bekommen ihre, spätere weniger oder keine</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>Acknowledge</source>
      <translation>Quittieren</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/commands.py" />
      <location filename="../../monitor_gui/qt/window.py" />
      <source>Acknowledge all alerts</source>
      <translation>Alle Alarme quittieren</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <location filename="../../monitor_gui/qt/pages.py" />
      <source>Activity</source>
      <translation>Aktivität</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>Alert</source>
      <translation>Alarm</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/commands.py" />
      <source>Alert: {text}</source>
      <translation>Alarm: {text}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <location filename="../../monitor_gui/qt/pages.py" />
      <source>Alerts</source>
      <translation>Alarme</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/tray.py" />
      <source>Alerts: {n}</source>
      <translation>Alarme: {n}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>All hosts</source>
      <translation>Alle Hosts</translation>
    </message>
    <message>
      <source>All hosts know rules {known}, and rules {in_force} are in force: what is new is refused</source>
      <extracomment>problem rules-to-raise</extracomment>
      <translation>Alle Hosts kennen die Regeln {known}, in Kraft sind die Regeln {in_force}: Neues wird abgelehnt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <source>All kinds</source>
      <translation>Alle Arten</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>All levels</source>
      <translation>Alle Stufen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>All seats of {product} are taken; {remedy}</source>
      <translation>Alle Plätze von {product} sind belegt; {remedy}</translation>
    </message>
    <message>
      <source>All {refused} check-outs of the last {over_s} were refused, mostly as {reason}</source>
      <extracomment>problem requests-refused</extracomment>
      <translation>Alle {refused} Check-outs der letzten {over_s} wurden abgelehnt, meist wegen: {reason}</translation>
    </message>
    <message>
      <source>All {refused} check-outs of the last {over_s} were refused: no seat is free</source>
      <extracomment>problem requests-refused</extracomment>
      <translation>Alle {refused} Check-outs der letzten {over_s} wurden abgelehnt: kein Platz ist frei</translation>
    </message>
    <message>
      <source>Another ledger is served than the one that {other} knew up to entry {index}, and it was not restored from that: {entries} entries and {units} units are lost</source>
      <extracomment>problem ledger-rolled-back</extracomment>
      <translation>Es läuft ein anderes Ledger als das, das {other} bis Eintrag {index} kannte, und es wurde nicht daraus wiederhergestellt: {entries} Einträge und {units} Einheiten sind verloren</translation>
    </message>
    <message>
      <source>Another system works with the containers of this one: {other} has receipts of both ledgers in turn, the other one is {ledger}… at entry {index}</source>
      <extracomment>problem two-systems</extracomment>
      <translation>Ein anderes System arbeitet mit den Containern von diesem: {other} hat abwechselnd Quittungen beider Ledger, das andere ist {ledger}… bei Eintrag {index}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>As of {age}; the newest {most} lines are kept. Times are those of each host's own clock.</source>
      <translation>Stand: {age}; die neuesten {most} Zeilen werden behalten. Die Zeiten sind die der Uhr des jeweiligen Hosts.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/page.py" />
      <source>As told by {host}, {age}.</source>
      <translation>Laut {host}, {age}.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/certify.py" />
      <source>Ask a time server for all containers?</source>
      <translation>Einen Zeitserver für alle Container fragen?</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/certify.py" />
      <source>Ask a time server for container {serial}?</source>
      <translation>Einen Zeitserver für Container {serial} fragen?</translation>
    </message>
    <message>
      <source>Ask an operator, or repeat this with an operator's certificate.</source>
      <extracomment>problem told-in-short</extracomment>
      <translation>Einen Bediener fragen, oder dies mit dem Zertifikat eines Bedieners wiederholen.</translation>
    </message>
    <message>
      <source>Ask the vendor for an update and import it at all three upstreams.</source>
      <extracomment>problem licence-expiry</extracomment>
      <translation>Beim Hersteller eine Aktualisierung anfordern und auf allen drei Upstreams einspielen.</translation>
    </message>
    <message>
      <source>Ask the vendor for an update with more units, and import it at all three upstreams.</source>
      <extracomment>problem units-gone, units-low</extracomment>
      <translation>Beim Hersteller eine Aktualisierung mit mehr Einheiten anfordern und auf allen drei Upstreams einspielen.</translation>
    </message>
    <message>
      <source>Ask the vendor why it was blocked; it takes a new container or a release.</source>
      <extracomment>problem container-locked</extracomment>
      <translation>Den Hersteller fragen, warum er gesperrt wurde; nötig ist ein neuer Container oder eine Freigabe.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>Asked by</source>
      <translation>Gefragt von</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Begin</source>
      <translation>Beginnen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Begin the maintenance of {host}?</source>
      <translation>Wartung von {host} beginnen?</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <source>Behind</source>
      <translation>Rückstand</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>Between list and page</source>
      <translation>Zwischen Liste und Seite</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>Box time</source>
      <translation>Boxzeit</translation>
    </message>
    <message>
      <source>Bring back the hosts that are named here: two upstreams and one TMR host are enough.</source>
      <extracomment>problem not-serving</extracomment>
      <translation>Die hier genannten Hosts wieder in Betrieb nehmen: zwei Upstreams und ein TMR-Host genügen.</translation>
    </message>
    <message>
      <source>Bring back the licence that it stands in for, or ask the vendor to reset it.</source>
      <extracomment>problem usage-period</extracomment>
      <translation>Die Lizenz zurückbringen, für die sie einspringt, oder den Hersteller die Nutzungsdauer neu beginnen lassen.</translation>
    </message>
    <message>
      <source>Bring back the upstreams that are named; where a twin is missing or differs, import the vendor's update there: `tmr container import`.</source>
      <extracomment>problem licence-unusable</extracomment>
      <translation>Die genannten Upstreams wieder in Betrieb nehmen; wo ein Zwilling fehlt oder abweicht, dort die Aktualisierung des Herstellers einspielen: `tmr container import`.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Browse…</source>
      <translation>Durchsuchen…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>C&amp;ommands…</source>
      <translation>Befe&amp;hle…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/streams.py" />
      <location filename="../../monitor_gui/qt/tables.py" />
      <source>CSV files (*.csv)</source>
      <translation>CSV-Dateien (*.csv)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <source>Certificate</source>
      <translation>Zertifikat</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>Certified time</source>
      <translation>Zertifizierte Zeit</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>Certified time for {serials}.</source>
      <translation>Zertifizierte Zeit für {serials}.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>Certified time for {serials}. None for {failed}.</source>
      <translation>Zertifizierte Zeit für {serials}. Keine für {failed}.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>Certified time is</source>
      <translation>Zertifizierte Zeit ist</translation>
    </message>
    <message>
      <source>Check the address in the profile, and the network and packet filter between here and there.</source>
      <extracomment>problem address-silent</extracomment>
      <translation>Die Adresse im Profil prüfen, ebenso Netz und Paketfilter zwischen hier und dort.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/alerts.py" />
      <source>Check the connection profile, then connect again.</source>
      <translation>Das Verbindungsprofil prüfen, dann neu verbinden.</translation>
    </message>
    <message>
      <source>Check the way from these hosts to that server, or name another.</source>
      <extracomment>problem time-server</extracomment>
      <translation>Den Weg von diesen Hosts zu jenem Server prüfen oder einen anderen nennen.</translation>
    </message>
    <message>
      <source>Check the way from {host} to that server, or name another.</source>
      <extracomment>problem time-server</extracomment>
      <translation>Den Weg von {host} zu diesem Server prüfen oder einen anderen nennen.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>Check-outs per second</source>
      <translation>Auschecken pro Sekunde</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/columns.py" />
      <location filename="../../monitor_gui/qt/commands.py" />
      <source>Choose columns: {table}</source>
      <translation>Spalten wählen: {table}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/alerts.py" />
      <source>Choose one: System &gt; Connections (Ctrl+O).</source>
      <translation>Eines wählen: System &gt; Verbindungen (Strg+O).</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Client</source>
      <translation>Client</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Client &amp;profile (TOML)</source>
      <translation>Client-&amp;Profil (TOML)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Client profile</source>
      <translation>Client-Profil</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>Clients</source>
      <translation>Clients</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <source>Clock</source>
      <translation>Uhr</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/pages.py" />
      <source>Clocks</source>
      <translation>Uhren</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Code</source>
      <translation>Code</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>Colours of the desktop</source>
      <translation>Farben des Desktops</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/command_palette.py" />
      <source>Command</source>
      <translation>Befehl</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/command_palette.py" />
      <source>Commands</source>
      <translation>Befehle</translation>
    </message>
    <message>
      <source>Compare the clocks of all three upstreams (`timedatectl`) and put the wrong ones right; then `tmr time update --all --why …`.</source>
      <extracomment>problem clock-off</extracomment>
      <translation>Die Uhren aller drei Upstreams vergleichen (`timedatectl`) und die falschen richtig stellen; dann `tmr time update --all --why …`.</translation>
    </message>
    <message>
      <source>Compare the clocks of both hosts (`timedatectl`), put the wrong one right, then `tmr time update --all --why …`; or bring the third upstream back.</source>
      <extracomment>problem clock-off</extracomment>
      <translation>Die Uhren beider Hosts vergleichen (`timedatectl`), die falsche richtig stellen, dann `tmr time update --all --why …`; oder den dritten Upstream wieder in Betrieb nehmen.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/commands.py" />
      <source>Connect to {name}</source>
      <translation>Mit {name} verbinden</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/alerts.py" />
      <source>Connecting to {name}</source>
      <translation>Verbindung mit {name} wird hergestellt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Connection</source>
      <translation>Verbindung</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Connections</source>
      <translation>Verbindungen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>Container (upstream)</source>
      <translation>Container (Upstream)</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Container {serial} has said something newer</source>
      <translation>Container {serial} hat Neueres gesagt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Container {serial} is bound to another host ({binding}): not as it was are {other}; {weight} of {total} points fit and {needed} are needed. Put back what was changed (`tmr container explain` names it); or, if this host is to go on, make a new container on it and ask the vendor to reissue this one's licences to it</source>
      <translation>Container {serial} ist an einen anderen Host gebunden ({binding}): nicht wie zuvor sind {other}; {weight} von {total} Punkten passen, {needed} sind nötig. Machen Sie rückgängig, was geändert wurde (`tmr container explain` nennt es); oder, wenn es auf diesem Host weitergehen soll, legen Sie darauf einen neuen Container an und bitten Sie den Hersteller, die Lizenzen dieses Containers für ihn neu auszustellen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Container {serial} is none of this ledger's</source>
      <translation>Container {serial} gehört nicht zu diesem Ledger</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>Containers</source>
      <translation>Container</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/pages.py" />
      <source>Containers and licences</source>
      <translation>Container und Lizenzen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>Ctrl+{n}</source>
      <translation>Strg+{n}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>Dark</source>
      <translation>Dunkel</translation>
    </message>
    <message>
      <source>Debian's own {unit} runs on {host} beside tmr-vip.service</source>
      <extracomment>problem unit-foreign</extracomment>
      <translation>Debians eigener Dienst {unit} läuft auf {host} neben tmr-vip.service</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Denials</source>
      <translation>Ablehnungen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>Denials in the last minute</source>
      <translation>Ablehnungen in der letzten Minute</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>Diagnostics bundle…</source>
      <translation>Diagnosepaket…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <source>Disk free</source>
      <translation>Platte frei</translation>
    </message>
    <message>
      <source>Do not touch the disk of {other}: it knows more. Then decide whose log goes on, as docs/replacing.md says under "A disk was put back".</source>
      <extracomment>problem disk-put-back</extracomment>
      <translation>Die Platte von {other} nicht anrühren: sie weiß mehr. Dann entscheiden, wessen Log weitergeht, wie in docs/replacing.md unter „A disk was put back“ beschrieben.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>Drawing of the system</source>
      <translation>Zeichnung des Systems</translation>
    </message>
    <message>
      <source>Emergency licence {licence} ({name}) has {in_use} of {quantity} seats in use</source>
      <extracomment>problem emergency-licence</extracomment>
      <translation>Notfalllizenz {licence} ({name}): {in_use} von {quantity} Plätzen belegt</translation>
    </message>
    <message>
      <source>Emergency licence {licence} ({name}) has {in_use} of {quantity} seats in use, and its usage period ends in {left_s}</source>
      <extracomment>problem emergency-licence</extracomment>
      <translation>Notfalllizenz {licence} ({name}): {in_use} von {quantity} Plätzen belegt; ihre Nutzungsdauer endet, Frist: {left_s}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>End</source>
      <translation>Beenden</translation>
    </message>
    <message>
      <source>End it when the work is done: `tmr maintenance off {host} --why …`.</source>
      <extracomment>problem maintenance</extracomment>
      <translation>Sie beenden, wenn die Arbeit getan ist: `tmr maintenance off {host} --why …`.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>End maintenance of {host}…</source>
      <translation>Wartung von {host} beenden…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>End the lease of {who}?</source>
      <translation>Das Lease von {who} beenden?</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>End the maintenance of {host}?</source>
      <translation>Wartung von {host} beenden?</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>Ended</source>
      <translation>Beendet</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>Ended since this monitor began to watch</source>
      <translation>Beendet, seit dieser Monitor zusieht</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <source>Entry</source>
      <translation>Eintrag</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>Errors</source>
      <translation>Fehler</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Exclusive use of {product} was asked for, and this station uses it already; {remedy}</source>
      <translation>Exklusive Nutzung von {product} wurde verlangt, und diese Station nutzt es schon; {remedy}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Expires</source>
      <translation>Läuft ab</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/streams.py" />
      <location filename="../../monitor_gui/qt/tables.py" />
      <source>Export CSV…</source>
      <translation>Als CSV…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/commands.py" />
      <source>Export as CSV: {table}</source>
      <translation>Als CSV exportieren: {table}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/streams.py" />
      <location filename="../../monitor_gui/qt/tables.py" />
      <source>Export the table</source>
      <translation>Tabelle exportieren</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/pages.py" />
      <source>Failover</source>
      <translation>Failover</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Fewer than two constituents match: nobody can check this licence out.</source>
      <translation>Weniger als zwei Teillizenzen stimmen überein: niemand kann diese Lizenz auschecken.</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Fewer than {wanted} seats of {product} are free; {remedy}</source>
      <translation>Von {product} sind weniger als {wanted} Plätze frei; {remedy}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/keys.py" />
      <source>Filter</source>
      <translation>Filter</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/keys.py" />
      <source>Filter of the table {title}</source>
      <translation>Filter der Tabelle {title}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/commands.py" />
      <source>Filter: {table}</source>
      <translation>Filtern: {table}</translation>
    </message>
    <message>
      <source>Find out who put the machines back, and read docs/replacing.md, "The ledger was put back"; then `tmr accept-loss --why …`.</source>
      <extracomment>problem ledger-rolled-back</extracomment>
      <translation>Herausfinden, wer die Maschinen zurückgesetzt hat, und docs/replacing.md lesen, „The ledger was put back“; dann `tmr accept-loss --why …`.</translation>
    </message>
    <message>
      <source>Find out who put the machines back, and read docs/replacing.md, "The ledger was put back"; then `tmr accept-loss --why …`. Unit counters rest until the vendor confirms them: give him the key {key}.</source>
      <extracomment>problem ledger-rolled-back</extracomment>
      <translation>Herausfinden, wer die Maschinen zurückgesetzt hat, und docs/replacing.md lesen, „The ledger was put back“; dann `tmr accept-loss --why …`. Einheitenzähler ruhen, bis der Hersteller sie bestätigt: ihm den Schlüssel {key} geben.</translation>
    </message>
    <message>
      <source>Find out who that is and keep it off this network; another VRRP router there needs another router id than `tmr_vrid`.</source>
      <extracomment>problem vrrp-stranger</extracomment>
      <translation>Finden Sie heraus, wer das ist, und halten Sie ihn von diesem Netz fern; ein anderer VRRP-Router dort braucht eine andere Router-ID als `tmr_vrid`.</translation>
    </message>
    <message>
      <source>Find the machines that are copies, and switch them off: `tmr status` and docs/replacing.md, "Two systems"; tell the vendors.</source>
      <extracomment>problem two-systems</extracomment>
      <translation>Die Maschinen finden, die Kopien sind, und abschalten: `tmr status` und docs/replacing.md, "Two systems"; die Hersteller benachrichtigen.</translation>
    </message>
    <message>
      <source>Finish `tmr restore`, or found it with all three upstreams: docs/backup.md.</source>
      <extracomment>problem not-serving</extracomment>
      <translation>`tmr restore` zu Ende führen oder es mit allen drei Upstreams gründen: docs/backup.md.</translation>
    </message>
    <message>
      <source>Finish it: `ansible-playbook playbooks/rolling_upgrade.yml`.</source>
      <extracomment>problem versions-differ</extracomment>
      <translation>Die Aktualisierung abschließen: `ansible-playbook playbooks/rolling_upgrade.yml`.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Firm</source>
      <translation>Firma</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/streams.py" />
      <source>Follow</source>
      <translation>Folgen</translation>
    </message>
    <message>
      <source>Follow docs/replacing.md, "A disk was put back": the problems below name it.</source>
      <extracomment>problem not-serving</extracomment>
      <translation>docs/replacing.md, „A disk was put back“, befolgen: die Probleme darunter nennen sie.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/commands.py" />
      <source>Follow: {table}</source>
      <translation>Folgen: {table}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>For</source>
      <translation>Dauer</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/tray.py" />
      <source>Further new alerts: {n}</source>
      <translation>Weitere neue Alarme: {n}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Generation {generation} of lease {lease} is not the present one, {present}; {remedy}</source>
      <translation>Generation {generation} des Leases {lease} ist nicht die jetzige, {present}; {remedy}</translation>
    </message>
    <message>
      <source>Get a new one: `tmr time update {host} --why …`.</source>
      <extracomment>problem certified-age</extracomment>
      <translation>Eine neue holen: `tmr time update {host} --why …`.</translation>
    </message>
    <message>
      <source>Get certified time for two containers: `tmr time update --all --why …`.</source>
      <extracomment>problem log-time-ahead</extracomment>
      <translation>Zertifizierte Zeit für zwei Container holen: `tmr time update --all --why …`.</translation>
    </message>
    <message>
      <source>Get one for two containers: `tmr time update --all --why …`.</source>
      <extracomment>problem licence-rests</extracomment>
      <translation>Für zwei Container eine holen: `tmr time update --all --why …`.</translation>
    </message>
    <message>
      <source>Give it a minute; if it stays so, read `tmr logs --host {host}`.</source>
      <extracomment>problem upstream-apart</extracomment>
      <translation>Eine Minute warten; bleibt es so, `tmr logs --host {host}` lesen.</translation>
    </message>
    <message>
      <source>Give the vendor the backup, and the key of what was lost or else the ledger id (`tmr status --json`), and import the update that confirms the counter.</source>
      <extracomment>problem units-unconfirmed</extracomment>
      <translation>Dem Hersteller das Backup geben und dazu den Schlüssel des Verlorenen, sonst die Ledger-ID (`tmr status --json`), und das Update importieren, das den Zähler bestätigt.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Given back, and kept for their users for a while: {count}</source>
      <translation>Zurückgegeben und eine Weile für ihre Benutzer vorgehalten: {count}</translation>
    </message>
    <message>
      <source>Have this computer's clock kept by a time daemon, and compare again.</source>
      <extracomment>problem clock-off</extracomment>
      <translation>Die Uhr dieses Rechners von einem Zeitdienst stellen lassen und neu vergleichen.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Held longest</source>
      <translation>Längste Leases</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>Host</source>
      <translation>Host</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/pages.py" />
      <source>Hosts</source>
      <translation>Hosts</translation>
    </message>
    <message>
      <source>Hosts run different versions: {versions}</source>
      <extracomment>problem versions-differ</extracomment>
      <translation>Hosts haben verschiedene Versionen: {versions}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>How often</source>
      <translation>Wie oft</translation>
    </message>
    <message>
      <source>If it is meant to vote, have it admitted: `tmr replace-upstream`.</source>
      <extracomment>problem store-no-vote</extracomment>
      <translation>Soll er mitstimmen, ihn aufnehmen lassen: `tmr replace-upstream`.</translation>
    </message>
    <message>
      <source>If it stays so, look at the links from both TMR hosts to the upstreams.</source>
      <extracomment>problem two-active</extracomment>
      <translation>Bleibt es so, die Verbindungen beider TMR-Hosts zu den Upstreams ansehen.</translation>
    </message>
    <message>
      <source>If the upgrade is to stay, put them in force: `tmr rules raise --why …`.</source>
      <extracomment>problem rules-to-raise</extracomment>
      <translation>Wenn das Upgrade bleiben soll, die Regeln in Kraft setzen: `tmr rules raise --why …`.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/certify.py" />
      <source>If the vendor has blocked the container as lost, it learns so by this and locks itself. Licences stay usable as long as two of three containers are not locked.</source>
      <translation>Hat der Hersteller den Container als verloren gesperrt, erfährt er es hierdurch und sperrt sich selbst. Lizenzen bleiben nutzbar, solange zwei von drei Containern nicht gesperrt sind.</translation>
    </message>
    <message>
      <source>If you moved it, there is nothing to do: the notice ends after a week. If not, somebody runs a copy of it: look who has access to {host}, and tell the vendor, who can block it.</source>
      <extracomment>problem container-elsewhere</extracomment>
      <translation>Wenn Sie ihn verlegt haben, ist nichts zu tun: der Hinweis endet nach einer Woche. Wenn nicht, betreibt jemand eine Kopie davon: prüfen, wer Zugang zu {host} hat, und es dem Hersteller sagen, der ihn sperren kann.</translation>
    </message>
    <message>
      <source>If {host} runs an earlier version, upgrade it; else read its log.</source>
      <extracomment>problem report-old</extracomment>
      <translation>Hat {host} eine ältere Version, ihn aktualisieren; sonst sein Protokoll lesen.</translation>
    </message>
    <message>
      <source>Import the vendor's update at the other upstreams: `tmr container import`.</source>
      <extracomment>problem licence-twin</extracomment>
      <translation>Die Aktualisierung des Herstellers auf den anderen Upstreams einspielen: `tmr container import`.</translation>
    </message>
    <message>
      <source>Import the vendor's update at the upstreams that are named: `tmr container import`.</source>
      <extracomment>problem licence-twin</extracomment>
      <translation>Die Aktualisierung des Herstellers auf den genannten Upstreams einspielen: `tmr container import`.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <source>In the last minute: {granted} check-outs, {denied} denials. The newest {most} events are kept.</source>
      <translation>In der letzten Minute: {granted} ausgecheckt, {denied} abgelehnt. Die neuesten {most} Ereignisse werden behalten.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>Information and worse</source>
      <translation>Information und schlimmer</translation>
    </message>
    <message>
      <source>Install a release on {host} that knows the rules in force: `ansible-playbook playbooks/rolling_upgrade.yml`.</source>
      <extracomment>problem host-outdated</extracomment>
      <translation>Auf {host} ein Release installieren, das die geltenden Regeln kennt: `ansible-playbook playbooks/rolling_upgrade.yml`.</translation>
    </message>
    <message>
      <source>Install a release that knows the rules in force: `ansible-playbook playbooks/rolling_upgrade.yml`.</source>
      <extracomment>problem not-serving</extracomment>
      <translation>Ein Release installieren, das die geltenden Regeln kennt: `ansible-playbook playbooks/rolling_upgrade.yml`.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Interruption of each switch, in milliseconds</source>
      <translation>Unterbrechung jedes Wechsels, in Millisekunden</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Interruption of the last switches</source>
      <translation>Unterbrechung der letzten Wechsel</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Is what {who} borrowed lost?</source>
      <translation>Ist verloren, was {who} ausgeliehen hat?</translation>
    </message>
    <message>
      <source>Issue it anew: `ansible-playbook playbooks/site.yml --tags pki`.</source>
      <extracomment>problem certificate-misfit</extracomment>
      <translation>Es neu ausstellen: `ansible-playbook playbooks/site.yml --tags pki`.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>It could not be written: {why}.</source>
      <translation>Es konnte nicht geschrieben werden: {why}.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/dialogs.py" />
      <source>It is the same: trust it</source>
      <translation>Er ist es: vertrauen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>It is written off already.</source>
      <translation>Es ist bereits abgeschrieben.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/dialogs.py" />
      <source>Its key's fingerprint is

{fingerprint}

Compare it with what the host's administrator says. If it is another one, somebody may be listening in between.</source>
      <translation>Der Fingerabdruck seines Schlüssels ist

{fingerprint}

Vergleichen Sie ihn mit dem, was der Verwalter des Hosts sagt. Ist es ein anderer, hört vielleicht jemand dazwischen mit.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/streams.py" />
      <source>Keep the newest line in sight</source>
      <translation>Die neueste Zeile im Blick behalten</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>Keys: A acknowledges, S snoozes, R reopens, Enter shows the cause. Thresholds: [alerts] in monitor.toml.</source>
      <translation>Tasten: A quittiert, S stellt zurück, R öffnet, Enter zeigt die Ursache. Schwellen: [alerts] in monitor.toml.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <location filename="../../monitor_gui/qt/failover.py" />
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>Kind</source>
      <translation>Art</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <source>Kind of event</source>
      <translation>Art des Ereignisses</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>Language of the desktop</source>
      <translation>Sprache des Desktops</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>Last answer</source>
      <translation>Letzte Antwort</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Last heartbeat</source>
      <translation>Letzter Heartbeat</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>Lasted</source>
      <translation>Dauer</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Lease</source>
      <translation>Lease</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/commands.py" />
      <source>Lease of {user} at {host}: {product}</source>
      <translation>Lease von {user} auf {host}: {product}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Lease {lease} waits at place {place}, not {generation}; {remedy}</source>
      <translation>Die Ausleihe {lease} wartet auf Platz {place}, nicht {generation}; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Lease {lease} was checked in; {remedy}</source>
      <translation>Lease {lease} wurde zurückgegeben; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Lease {lease} was checked out by another request; {remedy}</source>
      <translation>Lease {lease} wurde durch eine andere Anfrage ausgecheckt; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Lease {lease} was expired for want of heartbeats; {remedy}</source>
      <translation>Lease {lease} wurde mangels Heartbeats beendet; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Lease {lease} was released by an operator; {remedy}</source>
      <translation>Lease {lease} wurde von einem Bediener freigegeben; {remedy}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Leases</source>
      <translation>Leases</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Leases of one station share a seat, if their mode allows it.</source>
      <translation>Leases einer Station teilen sich einen Platz, wenn ihre Zugriffsart das erlaubt.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>Least level</source>
      <translation>Mindeststufe</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>Ledger</source>
      <translation>Ledger</translation>
    </message>
    <message>
      <source>Let IP protocol 112 pass between the two TMR hosts, by multicast or by vip_unicast.</source>
      <extracomment>problem adverts-not-heard</extracomment>
      <translation>IP-Protokoll 112 zwischen den beiden TMR-Hosts durchlassen, per Multicast oder mit vip_unicast.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Let {host} serve?</source>
      <translation>Soll {host} den Dienst übernehmen?</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>Level</source>
      <translation>Stufe</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>Library</source>
      <translation>Bibliothek</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>Licence</source>
      <translation>Lizenz</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) cannot be used: fewer than two of its twins count</source>
      <extracomment>problem licence-unusable</extracomment>
      <translation>Lizenz {licence} ({name}) ist nicht nutzbar: weniger als zwei ihrer Zwillinge zählen</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) cannot be used: fewer than two of its twins count ({twins})</source>
      <extracomment>problem licence-unusable</extracomment>
      <translation>Lizenz {licence} ({name}) ist nicht nutzbar: weniger als zwei ihrer Zwillinge zählen ({twins})</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) expires in {left_s}</source>
      <extracomment>problem licence-expiry</extracomment>
      <translation>Lizenz {licence} ({name}) läuft ab, Frist: {left_s}</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) has expired</source>
      <extracomment>problem licence-expiry</extracomment>
      <translation>Lizenz {licence} ({name}) ist abgelaufen</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) has none of its {issued} units left</source>
      <extracomment>problem units-gone</extracomment>
      <translation>Lizenz {licence} ({name}) hat von {issued} Einheiten keine mehr</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) has {free} of {quantity} seats free</source>
      <extracomment>problem seats-low</extracomment>
      <translation>Lizenz {licence} ({name}): {free} von {quantity} Plätzen frei</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) has {left} of {issued} units left</source>
      <extracomment>problem units-low</extracomment>
      <translation>Lizenz {licence} ({name}) hat noch {left} von {issued} Einheiten</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) is not whole: fewer than two containers hold it</source>
      <extracomment>problem licence-twin</extracomment>
      <translation>Lizenz {licence} ({name}) ist nicht vollständig: weniger als zwei Container halten sie</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) is not whole: {twins}</source>
      <extracomment>problem licence-twin</extracomment>
      <translation>Lizenz {licence} ({name}) ist nicht vollständig: {twins}</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) needs a newer certified time within {left_s}</source>
      <extracomment>problem licence-rests</extracomment>
      <translation>Lizenz {licence} ({name}) braucht eine neuere zertifizierte Zeit, Frist: {left_s}</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) rests until there is a newer certified time</source>
      <extracomment>problem licence-rests</extracomment>
      <translation>Lizenz {licence} ({name}) ruht, bis es eine neuere zertifizierte Zeit gibt</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) rests: its vendor wants containers that are bound more firmly than those that hold it</source>
      <extracomment>problem licence-rests</extracomment>
      <translation>Lizenz {licence} ({name}) ruht: ihr Hersteller verlangt Container, die fester gebunden sind als die, die sie halten</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) rests: this system was restored from a backup or put back, and its unit counter is not confirmed</source>
      <extracomment>problem units-unconfirmed</extracomment>
      <translation>Lizenz {licence} ({name}) ruht: dieses System wurde aus einem Backup wiederhergestellt oder zurückgesetzt, und ihr Einheitenzähler ist nicht bestätigt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Licence {licence} may be borrowed for {most} at most, and {wanted} were asked for; {remedy}</source>
      <translation>Die Lizenz {licence} darf höchstens für {most} ausgeliehen werden, verlangt wurden {wanted}; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Licence {licence} may not be borrowed: its vendor does not allow it; {remedy}</source>
      <translation>Die Lizenz {licence} darf nicht ausgeliehen werden: ihr Hersteller erlaubt es nicht; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Licence {licence} would have {left} seats in container {serial}, and {seats} of it are borrowed until {until}: import the update once they are back</source>
      <translation>Die Lizenz {licence} hätte im Container {serial} noch {left} Plätze, und {seats} sind bis {until} ausgeliehen: importieren Sie das Update, wenn sie zurück sind</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Licences</source>
      <translation>Lizenzen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Licences and leases as of {age}.</source>
      <translation>Lizenzen und Leases, Stand: {age}.</translation>
    </message>
    <message>
      <source>Licences would live on by it. See what holds the time of {host} back: a virtual machine that is starved, or somebody; then `tmr time update {host} --why …`.</source>
      <extracomment>problem clock-slow</extracomment>
      <translation>Lizenzen würden dadurch länger leben. Nachsehen, was die Zeit von {host} aufhält: eine virtuelle Maschine ohne Rechenzeit oder jemand; dann `tmr time update {host} --why …`.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>Light</source>
      <translation>Hell</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Line {line} of the access rules allows {most} seats of {product}, and {held} are taken under it (version {version}); {remedy}</source>
      <translation>Zeile {line} der Zugriffsregeln erlaubt {most} Plätze von {product}, und {held} sind danach belegt (Version {version}); {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Line {line} of the access rules denies {product} to whoever asks here (version {version}); {remedy}</source>
      <translation>Zeile {line} der Zugriffsregeln verweigert {product} dem, der hier fragt (Version {version}); {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Line {line} of the access rules reserves the free seats of {product} for others (version {version}); {remedy}</source>
      <translation>Zeile {line} der Zugriffsregeln reserviert die freien Plätze von {product} für andere (Version {version}); {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Line {line}, column {column}: with this more seats of {product} are reserved than the {quantity} that there are; reserve fewer</source>
      <translation>Zeile {line}, Spalte {column}: damit sind mehr Plätze von {product} reserviert als die {quantity}, die es gibt; weniger reservieren</translation>
    </message>
    <message>
      <source>Log time, with which licences are compared, is {ahead_s} ahead of the containers' clocks</source>
      <extracomment>problem log-time-ahead</extracomment>
      <translation>Die Logzeit, mit der Lizenzen verglichen werden, geht den Uhren der Container voraus, um {ahead_s}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <location filename="../../monitor_gui/qt/pages.py" />
      <source>Logs</source>
      <translation>Protokolle</translation>
    </message>
    <message>
      <source>Look at `chronyc sources` there: a host needs a time source it can reach; in a lab there is none.</source>
      <extracomment>problem clock-unsynchronised</extracomment>
      <translation>Dort `chronyc sources` ansehen: ein Host braucht eine Zeitquelle, die er erreicht; im Labor gibt es keine.</translation>
    </message>
    <message>
      <source>Look at the clock of {host} (`timedatectl`): put right, it brings the host back. If it is right already, read `journalctl -u tmr-upstream` there.</source>
      <extracomment>problem upstream-down</extracomment>
      <translation>Die Uhr von {host} ansehen (`timedatectl`): richtig gestellt, kommt der Host zurück. Geht sie schon richtig, dort `journalctl -u tmr-upstream` lesen.</translation>
    </message>
    <message>
      <source>Look at the disk and the load of {host}, and at the network to it.</source>
      <extracomment>problem upstream-behind</extracomment>
      <translation>Platte und Last von {host} ansehen, ebenso das Netz dorthin.</translation>
    </message>
    <message>
      <source>Look at the network and the packet filter between the two TMR hosts, and at their clocks and certificates.</source>
      <extracomment>problem twins-apart</extracomment>
      <translation>Das Netz und den Paketfilter zwischen den beiden TMR-Hosts ansehen, ebenso ihre Uhren und Zertifikate.</translation>
    </message>
    <message>
      <source>Look at the network between {host} and the upstreams, and at its clock and certificate.</source>
      <extracomment>problem standby-cut-off</extracomment>
      <translation>Das Netz zwischen {host} und den Upstreams ansehen, ebenso seine Uhr und sein Zertifikat.</translation>
    </message>
    <message>
      <source>Look at tmr-server.service on both TMR hosts, and at the network to them.</source>
      <extracomment>problem no-answer</extracomment>
      <translation>tmr-server.service auf beiden TMR-Hosts ansehen, ebenso das Netz dorthin.</translation>
    </message>
    <message>
      <source>Look at tmr-vip.service on both TMR hosts.</source>
      <extracomment>problem address-nowhere</extracomment>
      <translation>tmr-vip.service auf beiden TMR-Hosts ansehen.</translation>
    </message>
    <message>
      <source>Look for it first; `tmr upstream init` makes an empty one, which has to be admitted: see docs/deployment.md on replacing a host.</source>
      <extracomment>problem store-missing</extracomment>
      <translation>Ihn zuerst suchen; `tmr upstream init` legt einen leeren an, der aufgenommen werden muss: siehe docs/deployment.md zum Ersetzen eines Hosts.</translation>
    </message>
    <message>
      <source>Look whether VRRP (protocol 112) passes between the two, then restart tmr-vip.service on the one that does not serve.</source>
      <extracomment>problem address-twice</extracomment>
      <translation>Nachsehen, ob VRRP (Protokoll 112) zwischen beiden durchkommt, dann tmr-vip.service auf dem neu starten, der keinen Dienst leistet.</translation>
    </message>
    <message>
      <source>Look whether {host} has power and network, then at tmr-server.service on it.</source>
      <extracomment>problem tmr-down</extracomment>
      <translation>Nachsehen, ob {host} Strom und Netz hat, dann dort tmr-server.service ansehen.</translation>
    </message>
    <message>
      <source>Look whether {host} has power and network, then at tmr-upstream.service on it.</source>
      <extracomment>problem upstream-down</extracomment>
      <translation>Nachsehen, ob {host} Strom und Netz hat, dann dort tmr-upstream.service ansehen.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>Made with</source>
      <translation>Gemacht mit</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Maintenance</source>
      <translation>Wartung</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Maintenance of {host}…</source>
      <translation>Wartung von {host}…</translation>
    </message>
    <message>
      <source>Make room on {host}: `journalctl --vacuum-size=200M`, old releases in /opt/tmr, or a larger disk.</source>
      <extracomment>problem disk</extracomment>
      <translation>Auf {host} Platz schaffen: `journalctl --vacuum-size=200M`, alte Versionen in /opt/tmr oder eine größere Platte.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Mean</source>
      <translation>Mittel</translation>
    </message>
    <message>
      <source>Mend or renew the main licence of this product (`tmr licences`), or ask the vendor; a program keeps its seat until it checks out anew.</source>
      <extracomment>problem emergency-licence</extracomment>
      <translation>Die Hauptlizenz dieses Produkts in Ordnung bringen oder erneuern (`tmr licences`) oder den Hersteller fragen; ein Programm behält seinen Platz, bis es neu auscheckt.</translation>
    </message>
    <message>
      <source>Mend what it says; on {host} `tmr container explain` shows what holds the key, and docs/containers.md says what may change. It is tried again by itself.</source>
      <extracomment>problem container-shut</extracomment>
      <translation>Beheben, was dort steht; auf {host} zeigt `tmr container explain`, was den Schlüssel hält, und docs/containers.md sagt, was sich ändern darf. Es wird von selbst wieder versucht.</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>More than {most} access rules count the seats of {product} for whoever asks here; {remedy}</source>
      <translation>Mehr als {most} Zugriffsregeln zählen die Plätze von {product} für den, der hier fragt; {remedy}</translation>
    </message>
    <message>
      <source>Move it to such containers (`tmr container explain` shows how these are bound), or ask the vendor to change that.</source>
      <extracomment>problem licence-rests</extracomment>
      <translation>Sie auf solche Container umziehen (`tmr container explain` zeigt, wie diese gebunden sind) oder den Hersteller bitten, das zu ändern.</translation>
    </message>
    <message>
      <source>Name the TMR hosts in the client profile.</source>
      <extracomment>problem no-answer</extracomment>
      <translation>Die TMR-Hosts im Clientprofil nennen.</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Name the token's PKCS#11 module: it comes with the token's driver</source>
      <translation>Nennen Sie das PKCS#11-Modul des Tokens: es kommt mit dem Treiber des Tokens</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>Next page</source>
      <translation>Nächste Seite</translation>
    </message>
    <message>
      <source>No TMR host answers ({silent})</source>
      <extracomment>problem no-answer</extracomment>
      <translation>Kein TMR-Host antwortet ({silent})</translation>
    </message>
    <message>
      <source>No TMR host answers: none is known</source>
      <extracomment>problem no-answer</extracomment>
      <translation>Kein TMR-Host antwortet: keiner ist bekannt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>No TMR host serves, so there is nothing to switch over.</source>
      <translation>Kein TMR-Host leistet Dienst, also gibt es nichts umzuschalten.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/certify.py" />
      <source>No TMR host serves: there is nobody to ask the containers.</source>
      <translation>Kein TMR-Host leistet Dienst: niemand kann die Container fragen.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>No TMR host serves: there is nobody to record it.</source>
      <translation>Kein TMR-Host leistet Dienst: niemand kann es aufzeichnen.</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>No access rule allows {product} to whoever asks here (version {version}); {remedy}</source>
      <translation>Keine Zugriffsregel erlaubt {product} dem, der hier fragt (Version {version}); {remedy}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>No alert is open.</source>
      <translation>Kein Alarm ist offen.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>No certified time for {failed}.</source>
      <translation>Keine zertifizierte Zeit für {failed}.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>No clock is known yet: the active TMR host has not answered.</source>
      <translation>Noch ist keine Uhr bekannt: der aktive TMR-Host hat nicht geantwortet.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>No connection is set up yet: add one, or start the demo.</source>
      <translation>Noch ist keine Verbindung eingerichtet: eine hinzufügen oder die Demo starten.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>No container is known yet: no TMR host has answered.</source>
      <translation>Noch ist kein Container bekannt: kein TMR-Host hat geantwortet.</translation>
    </message>
    <message>
      <source>No host holds the address {address}, so no client gets through</source>
      <extracomment>problem address-nowhere</extracomment>
      <translation>Kein Host hält die Adresse {address}, daher kommt kein Client durch</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <source>No host is known yet: no TMR host has answered.</source>
      <translation>Noch ist kein Host bekannt: kein TMR-Host hat geantwortet.</translation>
    </message>
    <message>
      <source>No licence can be taken: fewer than two containers are left, without those of {hosts}</source>
      <extracomment>problem not-serving</extracomment>
      <translation>Keine Lizenz ist zu bekommen: ohne die Container von {hosts} bleiben weniger als zwei</translation>
    </message>
    <message>
      <source>No licence can be taken: no TMR host is known to serve</source>
      <extracomment>problem not-serving</extracomment>
      <translation>Keine Lizenz ist zu bekommen: kein TMR-Host leistet nachweislich Dienst</translation>
    </message>
    <message>
      <source>No licence can be taken: no ledger is founded ({why})</source>
      <extracomment>problem not-serving</extracomment>
      <translation>Keine Lizenz ist zu bekommen: kein Ledger ist gegründet ({why})</translation>
    </message>
    <message>
      <source>No licence can be taken: quorum lost, no answer from {hosts}</source>
      <extracomment>problem not-serving</extracomment>
      <translation>Keine Lizenz ist zu bekommen: Quorum verloren, keine Antwort von {hosts}</translation>
    </message>
    <message>
      <source>No licence can be taken: quorum lost, without {hosts}</source>
      <extracomment>problem not-serving</extracomment>
      <translation>Keine Lizenz ist zu bekommen: Quorum verloren ohne {hosts}</translation>
    </message>
    <message>
      <source>No licence can be taken: the releases of {hosts} do not know the rules that are in force</source>
      <extracomment>problem not-serving</extracomment>
      <translation>Es kann keine Lizenz bezogen werden: die Releases von {hosts} kennen die geltenden Regeln nicht</translation>
    </message>
    <message>
      <source>No licence can be taken: there are two logs, both vouched for, and nobody may choose one</source>
      <extracomment>problem not-serving</extracomment>
      <translation>Keine Lizenz ist zu bekommen: es gibt zwei Logs, beide verbürgt, und niemand darf eines wählen</translation>
    </message>
    <message>
      <source>No licence can be taken: {host} has the address and takes a term</source>
      <extracomment>problem not-serving</extracomment>
      <translation>Keine Lizenz ist zu bekommen: {host} hat die Adresse und nimmt eine Amtszeit</translation>
    </message>
    <message>
      <source>No licence can be taken: {host} has the address and takes a term ({why})</source>
      <extracomment>problem not-serving</extracomment>
      <translation>Keine Lizenz ist zu bekommen: {host} hat die Adresse und nimmt eine Amtszeit ({why})</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>No licence is known yet: none was imported, or no TMR host has answered.</source>
      <translation>Noch ist keine Lizenz bekannt: keine wurde importiert, oder kein TMR-Host hat geantwortet.</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>No licence of {product} that this lease may use has a unit counter; {remedy}</source>
      <translation>Keine Lizenz von {product}, die dieses Lease nutzen darf, hat einen Einheitenzähler; {remedy}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>No licence was imported.</source>
      <translation>Keine Lizenz wurde eingespielt.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>No line has come yet: the hosts tell their logs to operators only.</source>
      <translation>Noch kam keine Zeile: die Hosts geben ihre Protokolle nur Operatoren.</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>No seat of {product} became free in {waited_s} s; {remedy}</source>
      <translation>In {waited_s} s wurde kein Platz von {product} frei; {remedy}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>No switch has been seen yet. One usually takes about a second.</source>
      <translation>Noch wurde kein Wechsel gesehen; üblich ist etwa eine Sekunde.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/alerts.py" />
      <source>No system is chosen</source>
      <translation>Kein System ist gewählt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>No time server is known. The upstreams' settings name them; certified times and blocks come from there.</source>
      <translation>Kein Zeitserver ist bekannt. Die Einstellungen der Upstreams nennen sie; von dort kommen zertifizierte Zeiten und Sperren.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Nobody can check this licence out: {why}.</source>
      <translation>Niemand kann diese Lizenz auschecken: {why}.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Nobody can connect by this: {why}.</source>
      <translation>Damit kann niemand verbinden: {why}.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Nobody holds a lease.</source>
      <translation>Niemand hält ein Lease.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Nobody was denied anything.</source>
      <translation>Niemandem wurde etwas verweigert.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>None has ended yet.</source>
      <translation>Noch ist keiner beendet.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/alerts.py" />
      <source>Not connected to {name}: {why}</source>
      <translation>Nicht mit {name} verbunden: {why}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/context.py" />
      <source>Not connected.</source>
      <translation>Nicht verbunden.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>Not connected: nothing was done.</source>
      <translation>Nicht verbunden: nichts wurde getan.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/alerts.py" />
      <source>Not connected: {why}</source>
      <translation>Nicht verbunden: {why}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Not known yet: no TMR host has told them.</source>
      <translation>Noch nicht bekannt: kein TMR-Host hat sie genannt.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/verdict.py" />
      <source>Not serving: {what}</source>
      <translation>Kein Dienst: {what}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <source>Nothing has happened since this monitor began to listen.</source>
      <translation>Nichts ist geschehen, seit dieser Monitor zuhört.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Nothing has happened since this monitor began to watch.</source>
      <translation>Nichts ist geschehen, seit dieser Monitor zusieht.</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Nothing is borrowed here under this key; {remedy}</source>
      <translation>Unter diesem Schlüssel ist hier nichts ausgeliehen; {remedy}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/command_palette.py" />
      <source>Nothing is found for this.</source>
      <translation>Dazu ist nichts zu finden.</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Nothing is lent now, since log time is not within an hour of what certified time says; {remedy}</source>
      <translation>Zurzeit wird nichts verliehen, da die Logzeit um mehr als eine Stunde von der zertifizierten Zeit abweicht; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Nothing is lent now, since the certified time is older than seven days; {remedy}</source>
      <translation>Zurzeit wird nichts verliehen, da die zertifizierte Zeit älter als sieben Tage ist; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Nothing is lent now, since there is no certified time; {remedy}</source>
      <translation>Zurzeit wird nichts verliehen, da es keine zertifizierte Zeit gibt; {remedy}</translation>
    </message>
    <message>
      <source>Nothing keeps the clocks of these hosts right: {hosts}</source>
      <extracomment>problem clock-unsynchronised</extracomment>
      <translation>Nichts hält die Uhren dieser Hosts richtig: {hosts}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>Nothing of {product} is free before the loan ends, since nobody knows who uses it. Until then {who} borrows nothing more.</source>
      <translation>Vor dem Ende der Ausleihe wird von {product} nichts frei, denn niemand weiß, wer es benutzt. Bis dahin leiht {who} nichts mehr aus.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/alerts.py" />
      <source>Nothing to do: the first answer is awaited.</source>
      <translation>Nichts zu tun: die erste Antwort wird erwartet.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Now</source>
      <translation>Jetzt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>Offset</source>
      <translation>Abweichung</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>Offsets over the last five minutes</source>
      <translation>Abweichungen der letzten fünf Minuten</translation>
    </message>
    <message>
      <source>On {host} raise `archive_mib_max`, or lower `archive_days`, or copy the oldest segments away regularly: docs/archive.md.</source>
      <extracomment>problem archive</extracomment>
      <translation>Auf {host} `archive_mib_max` erhöhen oder `archive_days` senken, oder die ältesten Segmente regelmäßig wegkopieren: docs/archive.md.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Options</source>
      <translation>Optionen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/pages.py" />
      <source>Overview</source>
      <translation>Übersicht</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>Pages</source>
      <translation>Seiten</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>Part</source>
      <translation>Teil</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Peak</source>
      <translation>Spitze</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Planned switchover</source>
      <translation>Geplante Umschaltung</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>Plot of the clocks' offsets from the vote</source>
      <translation>Verlauf der Abweichungen der Uhren von der Abstimmung</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Plot of the seats in use</source>
      <translation>Verlauf der belegten Plätze</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>Previous page</source>
      <translation>Vorige Seite</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/verdict.py" />
      <source>Probably serving: {what}</source>
      <translation>Dienst läuft wahrscheinlich: {what}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Process</source>
      <translation>Prozess</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Product</source>
      <translation>Produkt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Profile {path}, {route}.</source>
      <translation>Profil {path}, {route}.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Profiles (*.toml)</source>
      <translation>Profile (*.toml)</translation>
    </message>
    <message>
      <source>Put it right in the inventory and run playbooks/site.yml again.</source>
      <extracomment>problem settings</extracomment>
      <translation>Es im Inventar richtigstellen und playbooks/site.yml noch einmal ausführen.</translation>
    </message>
    <message>
      <source>Put the clock of {host} right; a time that is ahead comes back only by `tmr time update {host} --why …`.</source>
      <extracomment>problem clock-off</extracomment>
      <translation>Die Uhr von {host} richtig stellen; eine vorausgehende Zeit kommt nur durch `tmr time update {host} --why …` zurück.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>Quit</source>
      <translation>Beenden</translation>
    </message>
    <message>
      <source>Read `journalctl -u tmr-vip` on {host}.</source>
      <extracomment>problem vrrp</extracomment>
      <translation>`journalctl -u tmr-vip` auf {host} lesen.</translation>
    </message>
    <message>
      <source>Read `journalctl -u {unit} -p warning` for why it ends.</source>
      <extracomment>problem unit-restarts</extracomment>
      <translation>In `journalctl -u {unit} -p warning` lesen, warum er endet.</translation>
    </message>
    <message>
      <source>Read `journalctl -u {unit}`, then `systemctl start {unit}`.</source>
      <extracomment>problem unit-down</extracomment>
      <translation>`journalctl -u {unit}` lesen, dann `systemctl start {unit}`.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Read-only: nothing can be changed from this window</source>
      <translation>Schreibgeschützt: aus diesem Fenster kann nichts geändert werden</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <location filename="../../monitor_gui/qt/dialogs.py" />
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Reason</source>
      <translation>Grund</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/dialogs.py" />
      <source>Reason (recorded in the ledger, with your name):</source>
      <translation>Grund (wird mit Ihrem Namen im Ledger aufgezeichnet):</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>Recorded; {host} is taking over.</source>
      <translation>Aufgezeichnet; {host} übernimmt.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>Refused: {why}.</source>
      <translation>Abgelehnt: {why}.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Release</source>
      <translation>Freigeben</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Release a lease by force</source>
      <translation>Ein Lease erzwungen freigeben</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Release by force…</source>
      <translation>Erzwungen freigeben…</translation>
    </message>
    <message>
      <source>Renew it: `ansible-playbook playbooks/site.yml --tags pki`, or playbooks/rotate_certificates.yml for all.</source>
      <extracomment>problem certificate</extracomment>
      <translation>Es erneuern: `ansible-playbook playbooks/site.yml --tags pki`, oder playbooks/rotate_certificates.yml für alle.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>Reopen</source>
      <translation>Öffnen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Request {number} is out of order: the next number on this lease is {expected}</source>
      <translation>Anfrage {number} ist nicht an der Reihe: die nächste Nummer dieses Leases ist {expected}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Request {number} on this lease asked for {units} units of product {product}; repeat it unchanged, or use the next number</source>
      <translation>Anfrage {number} zu diesem Lease verlangte {units} Einheiten des Produkts {product}; unverändert wiederholen oder die nächste Nummer verwenden</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Request {number} on this lease is no open reservation; {remedy}</source>
      <translation>Anfrage {number} zu diesem Lease ist keine offene Reservierung; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Request {number} on this lease reserved {units} units, and {used} are said to be used; {remedy}</source>
      <translation>Anfrage {number} zu diesem Lease reservierte {units} Einheiten, und {used} sollen verbraucht sein; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Request {number} on this lease was settled before, with {used} units used; repeat that unchanged, or leave it</source>
      <translation>Anfrage {number} zu diesem Lease wurde schon abgerechnet, mit {used} verbrauchten Einheiten; das unverändert wiederholen oder es lassen</translation>
    </message>
    <message>
      <source>Reserve fewer (`tmr access show`, then `tmr access apply`), or ask the vendor for more seats.</source>
      <extracomment>problem over-reserved</extracomment>
      <translation>Weniger reservieren (`tmr access show`, dann `tmr access apply`) oder beim Hersteller mehr Plätze anfordern.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Reserved, and given back if they are not used: {count}</source>
      <translation>Reserviert, und zurückgegeben, wenn sie nicht verbraucht werden: {count}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Role</source>
      <translation>Rolle</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Rules {version} wait for {hosts}: upgrade {hosts}, then `tmr rules raise`</source>
      <translation>Regeln {version} warten auf {hosts}: {hosts} aktualisieren, dann `tmr rules raise`</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <source>Running for</source>
      <translation>Läuft seit</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>SSH &amp;key file</source>
      <translation>SSH-Schl&amp;üsseldatei</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>STALE, last answer {age}</source>
      <translation>VERALTET, letzte Antwort {age}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>STALE: as of {age} ({why}).</source>
      <translation>VERALTET: Stand {age} ({why}).</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/page.py" />
      <source>STALE: as told by {host}, {age}.</source>
      <translation>VERALTET: laut {host}, {age}.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>STALE: licences and leases as of {age} ({why}).</source>
      <translation>VERALTET: Lizenzen und Leases, Stand {age} ({why}).</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>STALE: licences and leases as of {age}.</source>
      <translation>VERALTET: Lizenzen und Leases, Stand {age}.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Save all the same</source>
      <translation>Trotzdem speichern</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>Save the diagnostics bundle</source>
      <translation>Diagnosepaket speichern</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Seats</source>
      <translation>Plätze</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Seats by licence</source>
      <translation>Plätze nach Lizenz</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Seats in use of all licences</source>
      <translation>Belegte Plätze aller Lizenzen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Seats in use of {product}</source>
      <translation>Belegte Plätze von {product}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>Seats used</source>
      <translation>Belegte Plätze</translation>
    </message>
    <message>
      <source>See to the reason that is named: a host is there.</source>
      <extracomment>problem no-answer, address-silent</extracomment>
      <translation>Den genannten Grund beheben: Ein Host ist da.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Select a lease first.</source>
      <translation>Zuerst ein Lease auswählen.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/commands.py" />
      <source>Select a row first.</source>
      <translation>Zuerst eine Zeile auswählen.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>Serial</source>
      <translation>Seriennummer</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/verdict.py" />
      <source>Serving on two of three: {what}</source>
      <translation>Dienst läuft auf zwei von dreien: {what}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/verdict.py" />
      <source>Serving, but: {what}</source>
      <translation>Dienst läuft, aber: {what}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/verdict.py" />
      <source>Serving: {active} is active, all three upstreams answer</source>
      <translation>Dienst läuft: {active} ist aktiv, alle drei Upstreams antworten</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>Show the alerts</source>
      <translation>Alarme zeigen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>Show the cause</source>
      <translation>Ursache zeigen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Since</source>
      <translation>Seit</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>Since the last switch</source>
      <translation>Seit dem letzten Wechsel</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>Snooze</source>
      <translation>Zurückstellen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Something else is borrowed under this key; repeat that request unchanged, or draw a new key</source>
      <translation>Unter diesem Schlüssel ist etwas anderes ausgeliehen; wiederholen Sie jene Anfrage unverändert, oder erzeugen Sie einen neuen Schlüssel</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Start the &amp;demo</source>
      <translation>&amp;Demo starten</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/commands.py" />
      <source>Start the demo</source>
      <translation>Demo starten</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <location filename="../../monitor_gui/qt/clocks.py" />
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>State</source>
      <translation>Zustand</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Station</source>
      <translation>Station</translation>
    </message>
    <message>
      <source>Stop it for good: `systemctl mask --now {unit}`.</source>
      <extracomment>problem unit-foreign</extracomment>
      <translation>Ihn endgültig anhalten: `systemctl mask --now {unit}`.</translation>
    </message>
    <message>
      <source>Stop tmr-upstream.service on {host}, look after its disk, set the store aside with `tmr upstream init --again --config FILE`, and have the new one admitted.</source>
      <extracomment>problem store-damaged</extracomment>
      <translation>tmr-upstream.service auf {host} anhalten, die Platte ansehen, den Speicher mit `tmr upstream init --again --config FILE` beiseitelegen und den neuen aufnehmen lassen.</translation>
    </message>
    <message>
      <source>Stop {host} and keep its disk: it may know what the others lost. Then read docs/replacing.md, "A disk was put back".</source>
      <extracomment>problem upstream-apart</extracomment>
      <translation>{host} anhalten und die Platte aufheben: Vielleicht steht darauf, was die anderen verloren haben. Dann docs/replacing.md lesen, „A disk was put back“.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Switch over</source>
      <translation>Umschalten</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Switch over…</source>
      <translation>Umschalten…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>System time</source>
      <translation>Systemzeit</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>System time minus the vote of the three</source>
      <translation>Systemzeit minus Abstimmung der drei</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Systems</source>
      <translation>Systeme</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>TMR &amp;hosts</source>
      <translation>TMR-&amp;Hosts</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>TMR host</source>
      <translation>TMR-Host</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <location filename="../../monitor_gui/qt/window.py" />
      <source>TMR monitor</source>
      <translation>TMR-Monitor</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>TMR-ID</source>
      <translation>TMR-ID</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Term</source>
      <translation>Amtszeit</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>Text</source>
      <translation>Text</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The PIN for the token {label} with serial number {serial} is wrong, and is not tried again, since the token would lock itself: write the right one into the PIN's file</source>
      <translation>Die PIN für das Token {label} mit der Seriennummer {serial} ist falsch und wird nicht noch einmal versucht, weil sich das Token sonst sperrt: schreiben Sie die richtige in die Datei der PIN</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The PIN for the token {label} with serial number {serial} is wrong: write the right one into the PIN's file. This one is not tried again</source>
      <translation>Die PIN für das Token {label} mit der Seriennummer {serial} ist falsch: schreiben Sie die richtige in die Datei der PIN. Diese wird nicht noch einmal versucht</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The TPM cannot be used (tpm2 {verb}: {said}): see that there is one, and that this service may open it</source>
      <translation>Das TPM ist nicht verwendbar (tpm2 {verb}: {said}): prüfen Sie, ob es eines gibt und ob dieser Dienst es öffnen darf</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The TPM cannot be used: the package tpm2-tools is missing; install it</source>
      <translation>Das TPM ist nicht verwendbar: das Paket tpm2-tools fehlt; installieren Sie es</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The TPM does not answer ({said})</source>
      <translation>Das TPM antwortet nicht ({said})</translation>
    </message>
    <message>
      <source>The archive of {host} reaches its bound of {most_bytes} with {held_days} of {wanted_days} days: the oldest entries are deleted</source>
      <extracomment>problem archive</extracomment>
      <translation>Das Archiv von {host} erreicht seine Grenze von {most_bytes} mit {held_days} von {wanted_days} Tagen: die ältesten Einträge werden gelöscht</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The block list cannot be read ({said}); fetch it again and report this</source>
      <translation>Die Sperrliste ist nicht lesbar ({said}); neu holen und dies melden</translation>
    </message>
    <message>
      <source>The certificate of {host} ends in {left_s}</source>
      <extracomment>problem certificate</extracomment>
      <translation>Das Zertifikat von {host} läuft ab, Frist: {left_s}</translation>
    </message>
    <message>
      <source>The certificate of {host} has expired: no new connection is made</source>
      <extracomment>problem certificate</extracomment>
      <translation>Das Zertifikat von {host} ist abgelaufen: keine neue Verbindung kommt zustande</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The certificate that asks for this was dismissed itself meanwhile</source>
      <translation>Das Zertifikat, das dies verlangt, wurde inzwischen selbst entlassen</translation>
    </message>
    <message>
      <source>The certificate {path} cannot serve {host}: it does not name {names}</source>
      <extracomment>problem certificate-misfit</extracomment>
      <translation>Das Zertifikat {path} kann {host} nicht dienen: es nennt {names} nicht</translation>
    </message>
    <message>
      <source>The certificate {path} cannot serve {host}: it is for {name} in the role {role}</source>
      <extracomment>problem certificate-misfit</extracomment>
      <translation>Das Zertifikat {path} kann {host} nicht dienen: es ist für {name} in der Rolle {role}</translation>
    </message>
    <message>
      <source>The certificate {path} cannot serve {host}: the authority in ca.pem did not issue it</source>
      <extracomment>problem certificate-misfit</extracomment>
      <translation>Das Zertifikat {path} kann {host} nicht dienen: die Zertifizierungsstelle in ca.pem hat es nicht ausgestellt</translation>
    </message>
    <message>
      <source>The certificate {path} cannot serve {host}: the key beside it is another one's</source>
      <extracomment>problem certificate-misfit</extracomment>
      <translation>Das Zertifikat {path} kann {host} nicht dienen: der Schlüssel daneben gehört zu einem anderen</translation>
    </message>
    <message>
      <source>The certificate {path} cannot serve {host}: {why}</source>
      <extracomment>problem certificate-misfit</extracomment>
      <translation>Das Zertifikat {path} taugt nicht für {host}: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The certified statement cannot be read ({said}); update the time again and report this</source>
      <translation>Die zertifizierte Zeitangabe ist nicht lesbar ({said}); die Zeit erneut aktualisieren und dies melden</translation>
    </message>
    <message>
      <source>The certified time of {host} is {age_s} old</source>
      <extracomment>problem certified-age</extracomment>
      <translation>Alter der zertifizierten Zeit von {host}: {age_s}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The certified time of {serial} was not asked for in the last {minutes} minutes of this ledger; update the time again</source>
      <translation>Die zertifizierte Zeit von {serial} wurde nicht in den letzten {minutes} Minuten dieses Ledgers angefordert; die Zeit erneut aktualisieren</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The change was made to version {base} of the access rules, and version {in_force} is in force: look at it with `tmr access show`, then make the change to that</source>
      <translation>Die Änderung galt Version {base} der Zugriffsregeln, in Kraft ist Version {in_force}: diese mit `tmr access show` ansehen und dann dort ändern</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/certify.py" />
      <source>The container asks its time servers now. Its box and system time become the certified time, which may put a wrong clock right, forwards or backwards.</source>
      <translation>Der Container fragt jetzt seine Zeitserver. Box- und Systemzeit werden zur zertifizierten Zeit; das kann eine falsche Uhr berichtigen, vorwärts oder rückwärts.</translation>
    </message>
    <message>
      <source>The container of {host} is blocked: {why}</source>
      <extracomment>problem container-locked</extracomment>
      <translation>Der Container von {host} ist gesperrt: {why}</translation>
    </message>
    <message>
      <source>The container of {host} is held by another host, token or TPM than before (not as it was: {what})</source>
      <extracomment>problem container-elsewhere</extracomment>
      <translation>Den Container von {host} hält ein anderer Host, ein anderes Token oder ein anderes TPM als zuvor (nicht wie es war: {what})</translation>
    </message>
    <message>
      <source>The container of {host} is shut: {why}. {host} takes no part meanwhile, and the next upstream lost ends the service</source>
      <extracomment>problem container-shut</extracomment>
      <translation>Der Container von {host} ist verschlossen: {why}. {host} nimmt solange nicht teil, und der nächste ausfallende Upstream beendet den Dienst</translation>
    </message>
    <message>
      <source>The container of {host} is {off_ms} off the others: its time does not count</source>
      <extracomment>problem clock-off</extracomment>
      <translation>Der Container von {host} weicht um {off_ms} von den anderen ab: seine Zeit zählt nicht</translation>
    </message>
    <message>
      <source>The container of {host} is {off_ms} off the others: its time does not count, but this computer's clock agrees with it: the others may be wrong together</source>
      <extracomment>problem clock-off</extracomment>
      <translation>Der Container von {host} weicht um {off_ms} von den anderen ab: seine Zeit zählt nicht, aber die Uhr dieses Rechners stimmt mit ihr überein: vielleicht gehen die anderen gemeinsam falsch</translation>
    </message>
    <message>
      <source>The container's clock of {host} has stood still, or gone far too slow, for {slow_s}</source>
      <extracomment>problem clock-slow</extracomment>
      <translation>Die Uhr des Containers von {host} steht seit {slow_s} still oder geht viel zu langsam</translation>
    </message>
    <message>
      <source>The containers of {hosts} are {apart_s} apart, and of two nobody can tell who is right: the earlier counts, which is {first}</source>
      <extracomment>problem clock-off</extracomment>
      <translation>Die Zeiten der Container von {hosts} unterscheiden sich ({apart_s}), und bei zweien kann niemand sagen, wer recht hat: es zählt der frühere, das ist {first}</translation>
    </message>
    <message>
      <source>The containers of {hosts} are {apart_s} apart, and of two nobody can tell who is right: the earlier counts, which is {first}. This computer's clock agrees with {name}</source>
      <extracomment>problem clock-off</extracomment>
      <translation>Die Zeiten der Container von {hosts} unterscheiden sich ({apart_s}), und bei zweien kann niemand sagen, wer recht hat: es zählt der frühere, das ist {first}. Die Uhr dieses Rechners stimmt mit {name} überein</translation>
    </message>
    <message>
      <source>The disk of {host} has {free_bytes} of {total_bytes} free</source>
      <extracomment>problem disk</extracomment>
      <translation>Auf der Platte von {host} sind {free_bytes} von {total_bytes} frei</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>The disk of {name} fills up.</source>
      <translation>Die Platte von {name} füllt sich.</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The free seats of {product} are for those who wait already; {remedy}</source>
      <translation>Die freien Plätze von {product} sind für jene, die schon warten; {remedy}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>The language changes when the monitor is started next.</source>
      <translation>Die Sprache wechselt beim nächsten Start des Monitors.</translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>The last {n} switches took at most {middle} (median) and {worst} (longest).</source>
      <translation>
        <numerusform>Der letzte Wechsel dauerte höchstens {worst}.</numerusform>
        <numerusform>Die letzten {n} Wechsel dauerten höchstens {middle} (Median) und {worst} (längster).</numerusform>
      </translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>The lease of {who} has ended.</source>
      <translation>Das Lease von {who} ist beendet.</translation>
    </message>
    <message>
      <source>The ledger was put back: entry {index} was committed, as {other} can prove, and is gone; lost are {entries} entries, {units} units and up to {leases} leases</source>
      <extracomment>problem ledger-rolled-back</extracomment>
      <translation>Das Ledger wurde zurückgesetzt: Eintrag {index} war festgeschrieben, wie {other} beweisen kann, und ist fort; verloren sind {entries} Einträge, {units} Einheiten und bis zu {leases} Leases</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The licence {product} {why}; {remedy}</source>
      <translation>Die Lizenz {product} {why}; {remedy}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>The maintenance of {host} has begun.</source>
      <translation>Die Wartung von {host} hat begonnen.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>The maintenance of {host} has ended.</source>
      <translation>Die Wartung von {host} ist beendet.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>The other TMR host does not answer.</source>
      <translation>Der andere TMR-Host antwortet nicht.</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The request is not signed with the borrower's key; {remedy}</source>
      <translation>Die Anfrage ist nicht mit dem Schlüssel des Ausleihers signiert; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The settlement of request {number} is not signed as it must; {remedy}</source>
      <translation>Die Abrechnung der Anfrage {number} ist nicht so signiert, wie sie muss; {remedy}</translation>
    </message>
    <message>
      <source>The store of {host} has no vote: the next upstream lost ends the service</source>
      <extracomment>problem store-no-vote</extracomment>
      <translation>Der Speicher von {host} hat keine Stimme: fällt noch ein Upstream aus, endet der Dienst</translation>
    </message>
    <message>
      <source>The store of {host} is damaged ({why}): it takes no part, and the next upstream lost ends the service</source>
      <extracomment>problem store-damaged</extracomment>
      <translation>Der Speicher von {host} ist beschädigt ({why}): er nimmt nicht teil, und fällt noch ein Upstream aus, endet der Dienst</translation>
    </message>
    <message>
      <source>The store of {host} is not there, though its service has run</source>
      <extracomment>problem store-missing</extracomment>
      <translation>Der Speicher von {host} ist nicht da, obwohl sein Dienst schon lief</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>The system now</source>
      <translation>Das System jetzt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The token {label} cannot be used ({said}): plug it in, and see that its module and its reader work</source>
      <translation>Das Token {label} ist nicht verwendbar ({said}): stecken Sie es ein und prüfen Sie, ob sein Modul und sein Leser arbeiten</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The token {label} does not know Ed25519 (CKM_EDDSA), which all containers sign with: take another token</source>
      <translation>Das Token {label} kennt Ed25519 (CKM_EDDSA) nicht, womit alle Container signieren: nehmen Sie ein anderes Token</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The token {label} with serial number {serial} does not sign ({said}): it was unplugged, or has failed. Plug it in again</source>
      <translation>Das Token {label} mit der Seriennummer {serial} signiert nicht ({said}): es wurde abgezogen oder ist defekt. Stecken Sie es wieder ein</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The token {label} with serial number {serial} has one try left before it locks itself, and that is not for a program to take: log in to it once by its maker's tool</source>
      <translation>Das Token {label} mit der Seriennummer {serial} hat noch einen Versuch, bevor es sich sperrt, und den darf kein Programm nehmen: melden Sie sich einmal mit dem Werkzeug seines Herstellers an</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The token {label} with serial number {serial} holds another key than this container's</source>
      <translation>Das Token {label} mit der Seriennummer {serial} hält einen anderen Schlüssel als den dieses Containers</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The token {label} with serial number {serial} holds this container's key no more: it was initialised anew</source>
      <translation>Das Token {label} mit der Seriennummer {serial} hält den Schlüssel dieses Containers nicht mehr: es wurde neu initialisiert</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The token {label} with serial number {serial} is locked, since wrong PINs were tried: unlock it by its maker's tool</source>
      <translation>Das Token {label} mit der Seriennummer {serial} ist gesperrt, weil falsche PINs versucht wurden: entsperren Sie es mit dem Werkzeug seines Herstellers</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The token {label} with serial number {serial} is not there: plug it in</source>
      <translation>Das Token {label} mit der Seriennummer {serial} ist nicht da: stecken Sie es ein</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The token's PIN cannot be read from {path}</source>
      <translation>Die PIN des Tokens kann nicht aus {path} gelesen werden</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The update cannot be read ({said}); ask the vendor for a new one and report this</source>
      <translation>Die Aktualisierung ist nicht lesbar ({said}); beim Hersteller eine neue anfordern und dies melden</translation>
    </message>
    <message>
      <source>The usage period of licence {licence} ({name}) ends in {left_s}</source>
      <extracomment>problem usage-period</extracomment>
      <translation>Die Nutzungsdauer der Lizenz {licence} ({name}) endet, Frist: {left_s}</translation>
    </message>
    <message>
      <source>The usage period of licence {licence} ({name}) is over</source>
      <extracomment>problem usage-period</extracomment>
      <translation>Die Nutzungsdauer der Lizenz {licence} ({name}) ist abgelaufen</translation>
    </message>
    <message>
      <source>There are two logs, both vouched for: {host} signed entry {index} that {other} holds, and does not hold it any more, so the disk of {host} was put back to an earlier state</source>
      <extracomment>problem disk-put-back</extracomment>
      <translation>Es gibt zwei verbürgte Logs: {host} hat Eintrag {index} signiert, den {other} hält, und hält ihn selbst nicht mehr; also wurde die Platte von {host} auf einen früheren Stand zurückgesetzt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>There are {count} tokens labelled {label}; give each a label of its own</source>
      <translation>Es gibt {count} Token mit dem Namen {label}; geben Sie jedem einen eigenen Namen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>There are {count} tokens with serial number {serial}; unplug all but this container's</source>
      <translation>Es gibt {count} Token mit der Seriennummer {serial}; ziehen Sie alle bis auf das dieses Containers ab</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>There are {n} connections, more are not possible.</source>
      <translation>Es gibt {n} Verbindungen, mehr sind nicht möglich.</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>There is no PIN for the token: name the file that holds it (pin_file)</source>
      <translation>Es gibt keine PIN für das Token: nennen Sie die Datei, die sie enthält (pin_file)</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>There is no available licence {product} here; {remedy}</source>
      <translation>Hier ist keine Lizenz {product} verfügbar; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>There is no lease {lease} of this client; {remedy}</source>
      <translation>Dieser Client hat kein Lease {lease}; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>There is no refund: nothing is known of units taken under {taking}; {remedy}</source>
      <translation>Keine Erstattung: von Einheiten, die unter {taking} entnommen wurden, ist nichts bekannt; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>There is no refund: the vendor of {licence} allows {left} more units to be refunded; {remedy}</source>
      <translation>Keine Erstattung: der Hersteller von {licence} erlaubt noch {left} Einheiten zu erstatten; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>There is no refund: units of {most} licences were refunded, which is all that can be; {remedy}</source>
      <translation>Keine Erstattung: Einheiten von {most} Lizenzen wurden erstattet, mehr geht nicht; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>There is no refund: units taken under {taking} are not settled yet; {remedy}</source>
      <translation>Keine Erstattung: die unter {taking} entnommenen Einheiten sind noch nicht abgerechnet; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>There is no refund: {refunded} units taken under {taking} were refunded already; {remedy}</source>
      <translation>Keine Erstattung: {refunded} unter {taking} entnommene Einheiten wurden schon erstattet; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>There is no refund: {taken} units were taken under {taking}, and {units} are to be refunded; {remedy}</source>
      <translation>Keine Erstattung: unter {taking} wurden {taken} Einheiten entnommen, und {units} sollen erstattet werden; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This client borrowed seats that are written off as lost until {until}; {remedy}</source>
      <translation>Dieser Client hat Plätze ausgeliehen, die bis {until} als verloren abgeschrieben sind; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This client has {most} places in the queue, which is all that one client can; {remedy}</source>
      <translation>Dieser Client hat {most} Plätze in der Warteschlange, mehr kann ein Client nicht haben; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This client holds {held} seats of {product}, and an operator allows one client no more than {quota}; {remedy}</source>
      <translation>Dieser Client hält {held} Plätze von {product}, und ein Bediener erlaubt einem Client nicht mehr als {quota}; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This client holds {most} leases, which is all that one client can; check some in first, or use a further client certificate</source>
      <translation>Dieser Client hält {most} Leases, mehr kann ein Client nicht; erst einige zurückgeben oder ein weiteres Client-Zertifikat verwenden</translation>
    </message>
    <message>
      <source>This computer's clock is {off_ms} off the containers' times</source>
      <extracomment>problem clock-off</extracomment>
      <translation>Die Uhr dieses Rechners weicht um {off_ms} von den Zeiten der Container ab</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This host shows too little of itself to be known again (only: {shown}); it takes more than machine id and CPU model. Make the main board readable, or choose another binding</source>
      <translation>Dieser Host zeigt zu wenig von sich, um wiedererkannt zu werden (nur: {shown}); nötig ist mehr als Machine-ID und CPU-Modell. Machen Sie die Hauptplatine lesbar oder wählen Sie eine andere Bindung</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This host's TPM is not the one that sealed the container's key, or its owner hierarchy was cleared since: on this host the container does not open</source>
      <translation>Das TPM dieses Hosts ist nicht das, das den Schlüssel des Containers versiegelt hat, oder seine Owner-Hierarchie wurde seither gelöscht: auf diesem Host öffnet sich der Container nicht</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This is the certificate that you act with: let another administrator dismiss it, or get a new one first and act with that</source>
      <translation>Mit diesem Zertifikat handeln Sie gerade: lassen Sie es von einem anderen Administrator entlassen, oder holen Sie erst ein neues und handeln Sie damit</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This lease has {most} open reservations; {remedy}</source>
      <translation>Dieses Lease hat {most} offene Reservierungen; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This ledger holds {most} leases, which is all it can; {remedy}</source>
      <translation>Dieses Ledger hält {most} Leases, mehr kann es nicht; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This ledger is founded already, as {serial}</source>
      <translation>Dieses Ledger ist schon gegründet, als {serial}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This ledger is not founded yet: found it first</source>
      <translation>Dieses Ledger ist noch nicht gegründet: erst gründen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This needs newer rules than are in force (rules {in_force}); {remedy}</source>
      <translation>Dies braucht neuere Regeln als die geltenden (Regeln {in_force}); {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This station uses {product} exclusively; {remedy}</source>
      <translation>Diese Station nutzt {product} exklusiv; {remedy}</translation>
    </message>
    <message>
      <source>This takes a second. If it stays so, read `tmr logs --level warning`.</source>
      <extracomment>problem not-serving</extracomment>
      <translation>Das dauert eine Sekunde. Bleibt es so, `tmr logs --level warning` lesen.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/context.py" />
      <source>This window is read-only: switch that off in the View menu.</source>
      <translation>Dieses Fenster ist schreibgeschützt: im Menü Ansicht abschalten.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Through &amp;SSH</source>
      <translation>Über &amp;SSH</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Time</source>
      <translation>Zeit</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>Time server</source>
      <translation>Zeitserver</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>Time servers</source>
      <translation>Zeitserver</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/pages.py" />
      <source>Time servers and blocking</source>
      <translation>Zeitserver und Sperren</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>Time there</source>
      <translation>Zeit dort</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Timeline</source>
      <translation>Zeitleiste</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>Times of the containers</source>
      <translation>Zeiten der Container</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>Too much is under way: wait for an answer first.</source>
      <translation>Zu viel ist unterwegs: zuerst eine Antwort abwarten.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Total</source>
      <translation>Vorhanden</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Twin {n}</source>
      <translation>Zwilling {n}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Two matching constituents are enough: this licence can be checked out.</source>
      <translation>Zwei übereinstimmende Teillizenzen genügen: diese Lizenz kann ausgecheckt werden.</translation>
    </message>
    <message>
      <source>Two of three containers are needed: bring back the hosts that do not answer, and ask the vendor about a container that is blocked.</source>
      <extracomment>problem not-serving</extracomment>
      <translation>Zwei von drei Containern sind nötig: Hosts, die nicht antworten, zurückbringen, und wegen eines gesperrten Containers den Hersteller fragen.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/command_palette.py" />
      <source>Type what you want to see or do</source>
      <translation>Eintippen, was Sie sehen oder tun möchten</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Units</source>
      <translation>Einheiten</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Units left</source>
      <translation>Einheiten übrig</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/dialogs.py" />
      <source>Unknown SSH host</source>
      <translation>Unbekannter SSH-Host</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/certify.py" />
      <source>Update</source>
      <translation>Aktualisieren</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/certify.py" />
      <source>Update certified time</source>
      <translation>Zertifizierte Zeit aktualisieren</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/certify.py" />
      <source>Update certified time…</source>
      <translation>Zertifizierte Zeit aktualisieren…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>Upstream</source>
      <translation>Upstream</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Usable</source>
      <translation>Nutzbar</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/pages.py" />
      <source>Usage</source>
      <translation>Nutzung</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>User</source>
      <translation>Benutzer</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>VRRP adverts in the twin's name ({address}, priority {priority}) come from {link}, and the twin is at {known}</source>
      <translation>VRRP-Adverts im Namen des Zwillings ({address}, Priorität {priority}) kommen von {link}, und der Zwilling ist an {known}</translation>
    </message>
    <message>
      <source>VRRP does not run on {host} (no word from it): it could not take the address</source>
      <extracomment>problem vrrp</extracomment>
      <translation>VRRP läuft nicht auf {host} (nichts von ihm zu hören): er könnte die Adresse nicht übernehmen</translation>
    </message>
    <message>
      <source>VRRP does not run on {host} ({state}): it could not take the address</source>
      <extracomment>problem vrrp</extracomment>
      <translation>VRRP läuft nicht auf {host} ({state}): er könnte die Adresse nicht übernehmen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>VRRP {state}</source>
      <translation>VRRP {state}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <location filename="../../monitor_gui/qt/hosts.py" />
      <source>Version</source>
      <translation>Version</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>Version {version}, licence {licence}</source>
      <translation>Version {version}, Lizenz {licence}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>Virtual IP</source>
      <translation>Virtuelle IP</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>Virtual container</source>
      <translation>Virtueller Container</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>Warnings and worse</source>
      <translation>Warnungen und schlimmer</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>Watches a floating-licence service that stays up when its servers do not.</source>
      <translation>Beobachtet einen Floating-Lizenzdienst, der läuft, auch wenn seine Server ausfallen.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>What happened</source>
      <translation>Was geschah</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>What holds the container's key cannot be read ({said})</source>
      <translation>Was den Schlüssel des Containers hält, ist nicht lesbar ({said})</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>What is wrong, and what to do</source>
      <translation>Was nicht stimmt, und was zu tun ist</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>What to do</source>
      <translation>Was zu tun ist</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>What was borrowed under this key is over; {remedy}</source>
      <translation>Was unter diesem Schlüssel ausgeliehen war, ist abgelaufen; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>What was borrowed under this key was returned; {remedy}</source>
      <translation>Was unter diesem Schlüssel ausgeliehen war, wurde zurückgegeben; {remedy}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>What went wrong</source>
      <translation>Was misslang</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>What {who} borrowed is on record as lost.</source>
      <translation>Was {who} ausgeliehen hat, ist als verloren vermerkt.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Who</source>
      <translation>Wer</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Without service</source>
      <translation>Ohne Dienst</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Write off</source>
      <translation>Abschreiben</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Write off what is borrowed</source>
      <translation>Ausgeliehenes abschreiben</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Write off…</source>
      <translation>Abschreiben…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>Written: {path}</source>
      <translation>Geschrieben: {path}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>ZIP files (*.zip)</source>
      <translation>ZIP-Dateien (*.zip)</translation>
    </message>
    <message>
      <source>`systemctl enable {unit}`.</source>
      <extracomment>problem unit-disabled</extracomment>
      <translation>`systemctl enable {unit}` ausführen.</translation>
    </message>
    <message>
      <source>`tmr leases` shows who holds the seats: release one, or ask the vendor for more.</source>
      <extracomment>problem requests-refused, seats-low</extracomment>
      <translation>`tmr leases` zeigt, wer die Plätze hält: einen freigeben oder beim Hersteller mehr anfordern.</translation>
    </message>
    <message>
      <source>`tmr licences` shows what can be used, and why not.</source>
      <extracomment>problem requests-refused</extracomment>
      <translation>`tmr licences` zeigt, was nutzbar ist, und was warum nicht.</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>`tmr units list` shows which can be</source>
      <translation>`tmr units list` zeigt, bei welchen es geht</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a body has at most {most} bytes</source>
      <translation>ein Body hat höchstens {most} Bytes</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a certificate of role {role} is no client's</source>
      <translation>ein Zertifikat der Rolle {role} ist keines eines Clients</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a certificate with role view only looks: use a client's certificate or token</source>
      <translation>ein Zertifikat mit der Rolle view darf nur ansehen: verwenden Sie Zertifikat oder Token eines Clients</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a client needs a name of at most {most} characters and a SHA-256</source>
      <translation>ein Client braucht einen Namen von höchstens {most} Zeichen und einen SHA-256</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>a container of the group does not sign</source>
      <translation>ein Container der Gruppe unterschreibt nicht</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>a date such as 2026-09-01, up to 2199</source>
      <translation>ein Datum wie 2026-09-01, bis 2199</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>a defect of the service</source>
      <translation>ein Fehler des Dienstes</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>a fault of this program, {what}</source>
      <translation>ein Fehler dieses Programms, {what}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a field of the check-out is too long</source>
      <translation>ein Feld des Check-outs ist zu lang</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a field of the denial episode is out of range</source>
      <translation>ein Feld der Ablehnungsepisode ist außerhalb seines Bereichs</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a firm code is 1 to {most}</source>
      <translation>Ein Firm Code liegt zwischen 1 und {most}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a host has a name of at most {most} characters</source>
      <translation>ein Host hat einen Namen von höchstens {most} Zeichen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/connections.py" />
      <source>a jump host leads to an SSH host: name that one, too</source>
      <translation>ein Sprungrechner führt zu einem SSH-Host: auch diesen nennen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a ledger is founded with all three upstreams</source>
      <translation>ein Ledger wird mit allen drei Upstreams gegründet</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a limit of seats is a number from 0 up</source>
      <translation>eine Höchstzahl an Plätzen ist eine Zahl ab 0</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a log that nobody founded</source>
      <translation>ein Log, das niemand gegründet hat</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a name has 1 to {most} characters</source>
      <translation>ein Name hat 1 bis {most} Zeichen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>a number from 0 to 9007199254740991</source>
      <translation>eine Zahl von 0 bis 9007199254740991</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>a number out of order</source>
      <translation>eine Nummer außer der Reihe</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>a replica disagrees with the others</source>
      <translation>eine Replik widerspricht den anderen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a restored ledger goes on from its log time</source>
      <translation>ein wiederhergestelltes Ledger setzt seine Log-Zeit fort</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a serial number has 1 to 40 hexadecimal digits, in capitals</source>
      <translation>eine Seriennummer hat 1 bis 40 Hexadezimalziffern, in Großbuchstaben</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a snapshot of another ledger, {ledger}</source>
      <translation>ein Snapshot eines anderen Ledgers, {ledger}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a snapshot of entry {index}, and {committed} are committed here</source>
      <translation>ein Snapshot von Eintrag {index}, und hier sind {committed} festgeschrieben</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a snapshot of format {format}, this release reads {known}</source>
      <translation>ein Snapshot im Format {format}, diese Version liest {known}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a station has {bytes} bytes, its address 4 or 8</source>
      <translation>eine Station hat {bytes} Bytes, ihre Adresse 4 oder 8</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a tag has {bytes} bytes</source>
      <translation>ein Kennzeichen hat {bytes} Bytes</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>access mode not permitted</source>
      <translation>Zugriffsart nicht erlaubt</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>access modes</source>
      <translation>Zugriffsarten</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>access rules refused</source>
      <translation>Zugriffsregeln abgelehnt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>acknowledged</source>
      <translation>quittiert</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>active</source>
      <translation>aktiv</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>adopts the log</source>
      <translation>übernimmt das Log</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>after is host:number,…, and {text} is not</source>
      <translation>after ist Host:Nummer,…, und {text} ist das nicht</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>after is what the page before gave as next, and {text} is not: it has a firm code, a product code and a TMR-ID, such as 6000010:1:7</source>
      <translation>after ist, was die Seite davor als next nannte, und {text} ist das nicht: es hat Firm Code, Product Code und TMR-ID, etwa 6000010:1:7</translation>
    </message>
    <message>
      <source>all check-outs are refused, mostly as {reason}</source>
      <extracomment>problem requests-refused</extracomment>
      <translation>alle Check-outs werden abgelehnt, meist wegen: {reason}</translation>
    </message>
    <message>
      <source>all check-outs are refused: no seat is free</source>
      <extracomment>problem requests-refused</extracomment>
      <translation>alle Check-outs werden abgelehnt: kein Platz ist frei</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>all seats</source>
      <translation>alle Plätze</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>all upstreams answer</source>
      <translation>alle Upstreams antworten</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>allow emergency licences, or have the main licence mended</source>
      <translation>Notfalllizenzen zulassen oder die Hauptlizenz wiederherstellen lassen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>an empty store takes a snapshot only if an operator named two stores that sealed it: `tmr replace-upstream` does, if it is given this upstream's --admin, too</source>
      <translation>ein leerer Speicher nimmt einen Snapshot nur an, wenn ein Bediener zwei Speicher genannt hat, die ihn versiegelt haben: `tmr replace-upstream` tut das, wenn es auch --admin dieses Upstreams bekommt</translation>
    </message>
    <message>
      <location filename="../../appliance/client/streams.py" />
      <source>an event is larger than {bound} bytes</source>
      <translation>ein Ereignis ist größer als {bound} Bytes</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>an offered seat is held for 1 to {most} seconds</source>
      <translation>ein angebotener Platz wird 1 bis {most} Sekunden gehalten</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>an older grant</source>
      <translation>eine ältere Zuteilung</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>an order's name has 1 to {most} printable characters</source>
      <translation>Der Name eines Auftrags hat 1 bis {most} druckbare Zeichen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>another entry {index}</source>
      <translation>ein anderer Eintrag {index}</translation>
    </message>
    <message>
      <source>another ledger is served than the one that was there before</source>
      <extracomment>problem ledger-rolled-back</extracomment>
      <translation>es läuft ein anderes Ledger als das, das vorher da war</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>another system is called {name} already</source>
      <translation>ein anderes System heißt schon {name}</translation>
    </message>
    <message>
      <source>another system works with the same containers</source>
      <extracomment>problem two-systems</extracomment>
      <translation>ein anderes System arbeitet mit denselben Containern</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>answer {age}</source>
      <translation>Antwort {age}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>as in the profile</source>
      <translation>wie im Profil</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>as its twin says</source>
      <translation>laut seinem Zwilling</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>as many seats are out as may be</source>
      <translation>mehr Plätze dürfen nicht ausgeliehen sein</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>as of {age}</source>
      <translation>Stand: {age}</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>ask an administrator; `tmr access explain` shows which rule decides</source>
      <translation>einen Administrator fragen; `tmr access explain` zeigt, welche Regel entscheidet</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>ask for another mode, or have the vendor permit this one</source>
      <translation>eine andere Zugriffsart verlangen oder diese vom Hersteller zulassen lassen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>ask for fewer features, or have the vendor license them</source>
      <translation>weniger Features verlangen oder sie vom Hersteller lizenzieren lassen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>ask for fewer, or ask an administrator</source>
      <translation>verlangen Sie weniger, oder fragen Sie einen Administrator</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>ask for fewer, or have the vendor add some</source>
      <translation>weniger verlangen oder vom Hersteller welche hinzufügen lassen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>ask the vendor for an update that fits</source>
      <translation>beim Hersteller eine passende Aktualisierung anfordern</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>ask the vendor for the newest list</source>
      <translation>beim Hersteller die neueste Liste anfordern</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>ask the vendor to extend it</source>
      <translation>beim Hersteller eine Verlängerung anfordern</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>asks for a term</source>
      <translation>bittet um eine Amtszeit</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>asks who is there</source>
      <translation>fragt, wer da ist</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>at most {most}</source>
      <translation>höchstens {most}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>at most, ms</source>
      <translation>höchstens, ms</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>at {name}</source>
      <translation>auf {name}</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>begins</source>
      <translation>beginnt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>block</source>
      <translation>Sperre</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>block list refused</source>
      <translation>Sperrliste abgelehnt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>block list taken over</source>
      <translation>Sperrliste übernommen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>borrow again, under a new key</source>
      <translation>leihen Sie erneut, unter einem neuen Schlüssel</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>borrow it for a shorter time, and extend that later</source>
      <translation>leihen Sie kürzer, und verlängern Sie später</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>borrowed seat given back</source>
      <translation>ausgeliehener Platz zurückgegeben</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>borrowed seats at most</source>
      <translation>ausgeliehene Plätze höchstens</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>borrowed until {time}</source>
      <translation>ausgeliehen bis {time}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>by HTTPS</source>
      <translation>über HTTPS</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>cannot be used any more: its usage period is over</source>
      <translation>ist nicht mehr nutzbar: ihre Nutzungsdauer ist vorbei</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <source>cannot connect to {host}: {why}</source>
      <translation>keine Verbindung zu {host}: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>certified by {url}</source>
      <translation>zertifiziert von {url}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>certified time</source>
      <translation>zertifizierte Zeit</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>certified time at most</source>
      <translation>zertifizierte Zeit höchstens</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>certified time refused</source>
      <translation>zertifizierte Zeit abgelehnt</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>certified time too old</source>
      <translation>zertifizierte Zeit zu alt</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>check one in first, or ask an administrator</source>
      <translation>erst einen zurückgeben oder einen Administrator fragen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>check one in first, or ask the operator</source>
      <translation>erst einen zurückgeben oder den Bediener fragen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>check out first</source>
      <translation>erst auschecken</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>check out under a new lease id</source>
      <translation>unter einer neuen Lease-ID auschecken</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>check the codes, or list all licences to see which constituents are missing or differ</source>
      <translation>die Codes prüfen, oder alle Lizenzen auflisten, um zu sehen, welche Bestandteile fehlen oder abweichen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>check-out</source>
      <translation>Auschecken</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>check-out denied</source>
      <translation>Auschecken abgelehnt</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>choose a new lease id, or repeat that request unchanged</source>
      <translation>eine neue Lease-ID wählen oder jene Anfrage unverändert wiederholen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>chose the log of {host}</source>
      <translation>hat das Log von {host} gewählt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>chunk {chunk} of the snapshot is missing or not as it was written</source>
      <translation>Stück {chunk} des Snapshots fehlt oder ist nicht, wie es geschrieben wurde</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>clean {name}</source>
      <translation>Platte von {name} leeren</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>client dismissed</source>
      <translation>Client entlassen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>client enrolled</source>
      <translation>Client aufgenommen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>clock outvoted</source>
      <translation>Uhr überstimmt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>clock {name}</source>
      <translation>Uhr von {name} verstellen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>closed by the other side</source>
      <translation>von der anderen Seite geschlossen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>cloud</source>
      <translation>Cloud</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>contact overdue</source>
      <translation>Kontakt überfällig</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>contact within</source>
      <translation>Kontakt binnen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>container locked</source>
      <translation>Container gesperrt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>container shut</source>
      <translation>Container verschlossen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>container {serial}</source>
      <translation>Container {serial}</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>containers</source>
      <translation>Container</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>containers not bound</source>
      <translation>Container nicht gebunden</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>content-length is no number</source>
      <translation>content-length ist keine Zahl</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>correct the document, or begin with the version in force (`tmr access show`)</source>
      <translation>das Dokument berichtigen oder mit der geltenden Version beginnen (`tmr access show`)</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>correct the request</source>
      <translation>die Anfrage berichtigen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>critical</source>
      <translation>kritisch</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>cure {name}</source>
      <translation>{name} hört wieder beide Zeitserver</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>customer's text</source>
      <translation>Text des Kunden</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>cut {name}</source>
      <translation>Strom von {name} trennen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>deafen {name}</source>
      <translation>{name} von einem Zeitserver trennen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>debug</source>
      <translation>Debug</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>denial</source>
      <translation>Ablehnung</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>differs</source>
      <translation>abweichend</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>differs in {what}</source>
      <translation>abweichend in {what}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/direct.py" />
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>directly</source>
      <translation>direkt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>directly; else user@host or user@host:port</source>
      <translation>direkt; sonst user@host oder user@host:port</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>dismiss one first, or use client certificates</source>
      <translation>erst einen entlassen oder Client-Zertifikate verwenden</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>do it on the computer that has the borrower's key</source>
      <translation>tun Sie es auf dem Computer, der den Schlüssel des Ausleihers hat</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>does not answer this monitor</source>
      <translation>antwortet hier nicht</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>does not permit the access mode that was asked for</source>
      <translation>erlaubt die verlangte Zugriffsart nicht</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>does not serve: passive</source>
      <translation>leistet keinen Dienst: passiv</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>does not vote yet</source>
      <translation>stimmt noch nicht mit</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>does not work yet</source>
      <translation>ist noch nicht gültig</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>dongle</source>
      <translation>Dongle</translation>
    </message>
    <message>
      <location filename="../../appliance/client/engine.py" />
      <source>earlier requests of this client have no answer yet</source>
      <translation>frühere Aufrufe warten noch</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>emergency</source>
      <translation>Notfalllizenz</translation>
    </message>
    <message>
      <source>emergency licence {licence} is in use</source>
      <extracomment>problem emergency-licence</extracomment>
      <translation>Notfalllizenz {licence} wird genutzt</translation>
    </message>
    <message>
      <source>emergency licence {licence} is in use and ends in {left_s}</source>
      <extracomment>problem emergency-licence</extracomment>
      <translation>Notfalllizenz {licence} wird genutzt und endet, Frist: {left_s}</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>end the other program of this station first, or start this one elsewhere</source>
      <translation>erst das andere Programm dieser Station beenden oder dieses anderswo starten</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>entries after {index} that no vow speaks of</source>
      <translation>Einträge nach {index}, von denen keine Zusage spricht</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>entries committed</source>
      <translation>Einträge bestätigt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>entry {index} cannot be read: {said}</source>
      <translation>Eintrag {index} ist nicht lesbar: {said}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>entry {index} does not follow on the one before</source>
      <translation>Eintrag {index} schließt nicht an den davor an</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>entry {index} does not follow on {previous}</source>
      <translation>Eintrag {index} schließt nicht an {previous} an</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>entry {index} is another one than its mark says</source>
      <translation>Eintrag {index} ist ein anderer, als seine Marke sagt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>entry {index} is missing</source>
      <translation>Eintrag {index} fehlt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>entry {index} is not as it was written</source>
      <translation>Eintrag {index} ist nicht, wie er geschrieben wurde</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>entry {index} is not there yet</source>
      <translation>Eintrag {index} gibt es noch nicht</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>entry {index}, which its mark names, is missing</source>
      <translation>Eintrag {index}, den seine Marke nennt, fehlt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>error</source>
      <translation>Fehler</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>exclusive</source>
      <translation>exklusiv</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>expected {wanted}, but {role} {name} answered</source>
      <translation>erwartet wurde {wanted}, geantwortet hat {role} {name}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>expired</source>
      <translation>abgelaufen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>expires</source>
      <translation>läuft ab</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>failed</source>
      <translation>ausgefallen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/direct.py" />
      <source>faults can be made in the demo only</source>
      <translation>Fehler lassen sich nur in der Demo auslösen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>feature map</source>
      <translation>Feature-Map</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>features not licensed</source>
      <translation>Features nicht lizenziert</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>fewer entries of it are committed than its mark says</source>
      <translation>bei ihm sind weniger Einträge festgeschrieben, als seine Marke sagt</translation>
    </message>
    <message>
      <source>fewer than two containers are left, without those of {hosts}</source>
      <extracomment>problem not-serving</extracomment>
      <translation>ohne die Container von {hosts} bleiben weniger als zwei</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>fill {name}</source>
      <translation>Platte von {name} füllen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>fine</source>
      <translation>in Ordnung</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>follows</source>
      <translation>folgt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>for {time}</source>
      <translation>seit {time}</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>found it first, or repeat the request with the same id</source>
      <translation>es erst gründen, oder die Anfrage mit derselben ID wiederholen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>gave the virtual IP up</source>
      <translation>gab die virtuelle IP ab</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>gets a long log</source>
      <translation>bekommt ein langes Log</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>gets a snapshot</source>
      <translation>bekommt einen Schnappschuss</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>gets a snapshot, {done} chunks so far</source>
      <translation>bekommt einen Snapshot, bisher {done} Stücke</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>gets a snapshot, {done} of {chunks} chunks</source>
      <translation>bekommt einen Snapshot, {done} von {chunks} Stücken</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>has a maintenance that does not cover this program's release date</source>
      <translation>hat eine Wartung, die das Erscheinungsdatum dieses Programms nicht umfasst</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>has expired</source>
      <translation>ist abgelaufen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>has the address, takes a term</source>
      <translation>hat die Adresse, übernimmt eine Amtszeit</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>has the virtual IP</source>
      <translation>hat die virtuelle IP</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>have an operator update the certified time (`tmr time update`), then try again</source>
      <translation>lassen Sie einen Operator die zertifizierte Zeit aktualisieren (`tmr time update`), und versuchen Sie es dann erneut</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>have the container ask a time server again</source>
      <translation>den Container noch einmal einen Zeitserver fragen lassen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>holds the address</source>
      <translation>hält die Adresse</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>host is {host} or {twin}</source>
      <translation>der Host ist {host} oder {twin}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>host, which is to serve, is {host} or {twin}</source>
      <translation>der Host, der dienen soll, ist {host} oder {twin}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>host, who or why is too long</source>
      <translation>host, who oder why ist zu lang</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>import the vendor's update that confirms its unit counter</source>
      <translation>die Aktualisierung des Herstellers einspielen, die den Einheitenzähler bestätigt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>in maintenance</source>
      <translation>in Wartung</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>in the mode {mode} one seat is asked for, not {seats}</source>
      <translation>in der Zugriffsart {mode} wird ein Platz verlangt, nicht {seats}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>in {time}</source>
      <translation>in {time}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>info</source>
      <translation>Info</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>inside this program</source>
      <translation>in diesem Programm</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>is asked for its promise</source>
      <translation>wird um sein Versprechen gebeten</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>is left as an emergency licence only, which this program does not want</source>
      <translation>ist nur noch als Notfalllizenz da, die dieses Programm nicht will</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it asks for product {product} twice: say how many seats it wants</source>
      <translation>sie verlangt Produkt {product} zweimal: sagen Sie, wie viele Plätze sie will</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it asks for {count} products, not 1 to {most}</source>
      <translation>sie verlangt {count} Produkte, nicht 1 bis {most}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it cannot be read ({said})</source>
      <translation>er ist nicht lesbar ({said})</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/connections.py" />
      <source>it has no profile: name a client profile (TOML)</source>
      <translation>ein Profil fehlt: ein Client-Profil (TOML) nennen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it holds {count} entries from {low} to {high} instead of {wanted} from {first} to {last}</source>
      <translation>er enthält {count} Einträge von {low} bis {high} statt {wanted} von {first} bis {last}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it is being ended for want of heartbeats: repeat this</source>
      <translation>es wird gerade mangels Heartbeats beendet: dies wiederholen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it is not endorsed by two containers of this ledger</source>
      <translation>er ist nicht von zwei Containern dieses Ledgers bestätigt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>it is not known well enough what time it is</source>
      <translation>die Uhrzeit ist nicht sicher genug bekannt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it is not the log that the rule chooses</source>
      <translation>es ist nicht das Log, das die Regel wählt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it is {behind} transactions behind its mark: entry {last} instead of {marked} is its last</source>
      <translation>er liegt {behind} Transaktionen hinter seiner Marke: sein letzter Eintrag ist {last} statt {marked}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it lacks an entry that is proven to be committed</source>
      <translation>ihm fehlt ein Eintrag, der nachweislich festgeschrieben ist</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it leaves {count} bytes unread</source>
      <translation>er lässt {count} Bytes ungelesen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it may have been followed by a newer one: begin again</source>
      <translation>ihm folgte vielleicht ein neuerer: von vorn beginnen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it promised or adopted a lower term than its mark says</source>
      <translation>er hat einen niedrigeren Term zugesagt oder angenommen, als seine Marke sagt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it says something else than its mark</source>
      <translation>er sagt etwas anderes als seine Marke</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it says that {committed} entries were committed, but ends with {last}</source>
      <translation>er sagt, dass {committed} Einträge festgeschrieben wurden, endet aber mit {last}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>it waits for its turn</source>
      <translation>wartet, bis es an der Reihe ist</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>it was returned long ago, or borrowed from another system</source>
      <translation>es wurde vor langer Zeit zurückgegeben, oder von einem anderen System ausgeliehen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>it was settled long ago, or the request took its units for good</source>
      <translation>sie wurde vor langem abgerechnet, oder die Anfrage nahm ihre Einheiten endgültig</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its certificate is refused here: {said}</source>
      <translation>sein Zertifikat wird hier abgewiesen: {said}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its lifetime is over: check out again</source>
      <translation>seine Lebensdauer ist vorbei: checken Sie neu aus</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its log ends before an entry that it signed</source>
      <translation>sein Log endet vor einem Eintrag, den er signiert hat</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its mark cannot be read</source>
      <translation>seine Marke ist nicht lesbar</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its mark is missing</source>
      <translation>seine Marke fehlt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its mark is that of another store</source>
      <translation>seine Marke ist die eines anderen Speichers</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its mark is there, but the database is not</source>
      <translation>seine Marke ist da, die Datenbank aber nicht</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its outcome is not known; the service's log says more</source>
      <translation>ihr Ausgang ist nicht bekannt; mehr sagt das Protokoll des Dienstes</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its snapshot cannot be used: {said}</source>
      <translation>sein Snapshot ist nicht verwendbar: {said}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its snapshot is another one than was sealed</source>
      <translation>sein Snapshot ist ein anderer, als versiegelt wurde</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its snapshot is of another entry than was sealed</source>
      <translation>sein Snapshot gehört zu einem anderen Eintrag, als versiegelt wurde</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its store does not vote yet</source>
      <translation>sein Speicher hat noch keine Stimme</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>just started</source>
      <translation>gerade gestartet</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>lacks a feature that was asked for</source>
      <translation>hat ein verlangtes Feature nicht</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/banner.py" />
      <source>last answer
{age}</source>
      <translation>letzte Antwort
{age}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>last: {reason}</source>
      <translation>zuletzt: {reason}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>lease</source>
      <translation>Lease</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>lease ended</source>
      <translation>Lease beendet</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>lease id used otherwise</source>
      <translation>Lease-ID anders verwendet</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>lease lifetime</source>
      <translation>Lebensdauer eines Leases</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>lease unknown</source>
      <translation>Lease unbekannt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>ledger founded, virtual container {serial}</source>
      <translation>Ledger gegründet, virtueller Container {serial}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>ledger: {phase}</source>
      <translation>Ledger: {phase}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>liar</source>
      <translation>widerspricht den anderen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>licence does not work yet</source>
      <translation>Lizenz gilt noch nicht</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>licence expired</source>
      <translation>Lizenz abgelaufen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>licence update</source>
      <translation>Lizenz-Aktualisierung</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>licence update refused</source>
      <translation>Lizenz-Aktualisierung abgelehnt</translation>
    </message>
    <message>
      <source>licence {licence} cannot be used</source>
      <extracomment>problem licence-unusable</extracomment>
      <translation>Lizenz {licence} ist nicht nutzbar</translation>
    </message>
    <message>
      <source>licence {licence} expires in {left_s}</source>
      <extracomment>problem licence-expiry</extracomment>
      <translation>Lizenz {licence} läuft ab, Frist: {left_s}</translation>
    </message>
    <message>
      <source>licence {licence} has expired</source>
      <extracomment>problem licence-expiry</extracomment>
      <translation>Lizenz {licence} ist abgelaufen</translation>
    </message>
    <message>
      <source>licence {licence} has no units left</source>
      <extracomment>problem units-gone</extracomment>
      <translation>Lizenz {licence} hat keine Einheiten mehr</translation>
    </message>
    <message>
      <source>licence {licence} has {left} units left</source>
      <extracomment>problem units-low</extracomment>
      <translation>Lizenz {licence} hat noch {left} Einheiten</translation>
    </message>
    <message>
      <source>licence {licence} needs a newer certified time within {left_s}</source>
      <extracomment>problem licence-rests</extracomment>
      <translation>Lizenz {licence} braucht eine neuere zertifizierte Zeit, Frist: {left_s}</translation>
    </message>
    <message>
      <source>licence {licence} rests until its units are confirmed</source>
      <extracomment>problem units-unconfirmed</extracomment>
      <translation>Lizenz {licence} ruht, bis ihre Einheiten bestätigt sind</translation>
    </message>
    <message>
      <source>licence {licence} rests until there is a newer certified time</source>
      <extracomment>problem licence-rests</extracomment>
      <translation>Lizenz {licence} ruht, bis es eine neuere zertifizierte Zeit gibt</translation>
    </message>
    <message>
      <source>licence {licence} wants containers that are bound more firmly</source>
      <extracomment>problem licence-rests</extracomment>
      <translation>Lizenz {licence} verlangt fester gebundene Container</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>licences of a container updated</source>
      <translation>Lizenzen eines Containers aktualisiert</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>licences: not known yet</source>
      <translation>Lizenzen: noch nicht bekannt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>lines are chosen in their order, each once</source>
      <translation>Zeilen werden in ihrer Reihenfolge gewählt, jede einmal</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>linger time</source>
      <translation>Nachhaltezeit</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>lock {name}</source>
      <translation>Container von {name} sperren</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>locked</source>
      <translation>gesperrt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>log time {time} is before {previous}, and before the certified time {certified}</source>
      <translation>Log-Zeit {time} liegt vor {previous} und vor der zertifizierten Zeit {certified}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>log time {time} is before {previous}, and is not what the containers' clocks say</source>
      <translation>Log-Zeit {time} liegt vor {previous} und ist nicht, was die Uhren der Container sagen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>log time {time} is before {previous}, and the entry is not one that lowers it</source>
      <translation>Log-Zeit {time} liegt vor {previous}, und der Eintrag ist keiner, der sie senkt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>log time {time} is before {previous}, without certified tokens of two containers</source>
      <translation>Log-Zeit {time} liegt vor {previous}, ohne zertifizierte Token von zwei Containern</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>log time {time} is not what the containers' clocks allow</source>
      <translation>Log-Zeit {time} ist nicht, was die Uhren der Container erlauben</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>log {index}, lag {lag}</source>
      <translation>Log {index}, Rückstand {lag}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>logs of one term that contradict each other</source>
      <translation>Logs einer Amtszeit, die einander widersprechen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>look with `tmr status` which stores vote</source>
      <translation>mit `tmr status` ansehen, welche Speicher eine Stimme haben</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>main</source>
      <translation>Hauptlizenz</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>maintenance</source>
      <translation>Wartung</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>maintenance begun by {who}</source>
      <translation>Wartung begonnen von {who}</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>maintenance does not cover it</source>
      <translation>nicht von der Wartung gedeckt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>maintenance ended by {who}</source>
      <translation>Wartung beendet von {who}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>maintenance-off {host} by {who}: {why}</source>
      <translation>Wartung von {host} beendet durch {who}: {why}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>maintenance-on {host} by {who}: {why}</source>
      <translation>Wartung von {host} begonnen durch {who}: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>make a new certificate authority for clients</source>
      <translation>eine neue Zertifizierungsstelle für Clients anlegen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>may be borrowed for</source>
      <translation>ausleihbar für</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>mend {name}</source>
      <translation>Uhr von {name} richtig stellen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>minutes before now</source>
      <translation>Minuten zuvor</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>missing</source>
      <translation>fehlt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>monitor</source>
      <translation>Monitor</translation>
    </message>
    <message>
      <source>more seats of {product} are reserved than there are</source>
      <extracomment>problem over-reserved</extracomment>
      <translation>von {product} sind mehr Plätze reserviert, als es gibt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>more than was reserved</source>
      <translation>mehr als reserviert</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>move it to such containers, or ask the vendor to change that</source>
      <translation>sie auf solche Container umziehen oder den Hersteller bitten, das zu ändern</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>name a ticket with lines of it, or an order, or neither</source>
      <translation>Nennen Sie ein Ticket mit Zeilen daraus, oder einen Auftrag, oder keines von beiden</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>name one product with product_code and seats, or several in items</source>
      <translation>ein Produkt mit product_code und seats nennen oder mehrere in items</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/ages.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>never</source>
      <translation>nie</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>never had</source>
      <translation>nie erhalten</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>never to be met</source>
      <translation>nie zu erfüllen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>new</source>
      <translation>neu</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>new store at {host} admitted by {who}</source>
      <translation>neuer Speicher auf {host} aufgenommen von {who}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/ssh.py" />
      <source>no SSH connection to {host} ({why})</source>
      <translation>keine SSH-Verbindung zu {host} ({why})</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <source>no TLS connection to {host}: {why}</source>
      <translation>keine TLS-Verbindung zu {host}: {why}</translation>
    </message>
    <message>
      <source>no TMR host is known to serve</source>
      <extracomment>problem not-serving</extracomment>
      <translation>von keinem TMR-Host ist bekannt, dass er Dienst leistet</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>no TMR host serves at present</source>
      <translation>zurzeit leistet kein TMR-Host Dienst</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>no active host is known; repeat the request with the same id</source>
      <translation>kein aktiver Host ist bekannt; wiederholen Sie die Anfrage mit derselben Kennung</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <source>no answer on a new connection (is this client's certificate accepted?): {why}</source>
      <translation>keine Antwort auf einer neuen Verbindung (wird das Zertifikat dieses Clients angenommen?): {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>no answer within {within_s} s</source>
      <translation>keine Antwort innerhalb von {within_s} s</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/alerts.py" />
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>no answer yet</source>
      <translation>noch keine Antwort</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>no client certificate and no bearer token came along</source>
      <translation>es kam weder ein Client-Zertifikat noch ein Bearer-Token mit</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>no common entry {index}</source>
      <translation>kein gemeinsamer Eintrag {index}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>no host that answers has the virtual IP</source>
      <translation>kein antwortender Host hat die virtuelle IP</translation>
    </message>
    <message>
      <source>no ledger is founded ({why})</source>
      <extracomment>problem not-serving</extracomment>
      <translation>kein Ledger ist gegründet ({why})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>no operator of this host agreed to who votes then</source>
      <translation>kein Bediener dieses Hosts hat zugestimmt, wer dann eine Stimme hat</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>no phase</source>
      <translation>keine Phase</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>no refund of these units</source>
      <translation>keine Erstattung dieser Einheiten</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>no seat free</source>
      <translation>kein Platz frei</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>no service</source>
      <translation>kein Dienst</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>no such act</source>
      <translation>keine solche Handlung</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>no such snapshot any more</source>
      <translation>dieser Schnappschuss ist nicht mehr da</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>no such thing</source>
      <translation>nicht vorhanden</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>no term</source>
      <translation>keine Amtszeit</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>no time server gave an answer that can be used</source>
      <translation>kein Zeitserver gab eine brauchbare Antwort</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>no time server is configured here; name one in the settings</source>
      <translation>hier ist kein Zeitserver eingestellt; nennen Sie einen in den Einstellungen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>no unit counter</source>
      <translation>kein Einheitenzähler</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>no upstream gave its log: repeat it</source>
      <translation>kein Upstream gab sein Protokoll her: wiederholen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>no upstream gave its record: repeat it</source>
      <translation>kein Upstream gab seine Aufzeichnung her: wiederholen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>no upstream gave the key of the names yet: repeat it</source>
      <translation>noch gab kein Upstream den Schlüssel der Namen her: wiederholen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>no user limit</source>
      <translation>kein Benutzerlimit</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>no virtual IP</source>
      <translation>keine virtuelle IP</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>no way leads to that host, or it has no power</source>
      <translation>zu diesem Host führt kein Weg, oder er hat keinen Strom</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>nobody can join a term whose voters were replaced</source>
      <translation>niemand kann einer Amtszeit beitreten, deren Stimmen ersetzt wurden</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>nobody is seen to serve; {host} was the last</source>
      <translation>niemand ist im Dienst zu sehen; zuletzt war es {host}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>nobody known</source>
      <translation>niemand Bekanntes</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/phrases.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>none</source>
      <translation>keine</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>none seen</source>
      <translation>keiner gesehen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>none seen by this monitor</source>
      <translation>von diesem Monitor keiner gesehen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>none; else the SSH host that leads to it</source>
      <translation>keiner; sonst der SSH-Host, der dorthin führt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>not a proper request</source>
      <translation>keine gültige Anfrage</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>not a request to an upstream</source>
      <translation>keine Anfrage an einen Upstream</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>not allowed by the access rules</source>
      <translation>nach den Zugriffsregeln nicht erlaubt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>not asked directly</source>
      <translation>nicht direkt gefragt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/status_line.py" />
      <source>not connected</source>
      <translation>nicht verbunden</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/status_line.py" />
      <source>not connected to {name}</source>
      <translation>nicht mit {name} verbunden</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>not known yet</source>
      <translation>noch nicht bekannt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>not permitted</source>
      <translation>nicht erlaubt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>not signed by the borrower</source>
      <translation>nicht vom Ausleihenden signiert</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>not to be borrowed</source>
      <translation>nicht ausleihbar</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>not to be borrowed for so long</source>
      <translation>nicht so lange ausleihbar</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>not told by a passive host</source>
      <translation>ein passiver Host sagt es nicht</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>nothing borrowed under this key</source>
      <translation>unter diesem Schlüssel ist nichts ausgeliehen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>nothing is known of it: repeat it with the same id</source>
      <translation>davon ist nichts bekannt: mit derselben ID wiederholen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>nothing is proven to be lost ({said})</source>
      <translation>es ist kein Verlust bewiesen ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>nothing proves that this store was replaced</source>
      <translation>nichts beweist, dass dieser Speicher ersetzt wurde</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>nothing reserved</source>
      <translation>nichts reserviert</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>notice</source>
      <translation>Hinweis</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/ages.py" />
      <source>now</source>
      <translation>jetzt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>nowhere</source>
      <translation>nirgends</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>of the two receipts, the second has to be of this ledger</source>
      <translation>von den beiden Belegen muss der zweite von diesem Ledger sein</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>offset from the vote, ms</source>
      <translation>Abweichung, ms</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>ok</source>
      <translation>ok</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>one of user-limit, station-share, exclusive, no-limit</source>
      <translation>eines von user-limit, station-share, exclusive, no-limit</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>only an emergency licence</source>
      <translation>nur eine Notfalllizenz</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>operator</source>
      <translation>Operator</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>other</source>
      <translation>anderes</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>other activations are under way: wait for them</source>
      <translation>Andere Aktivierungen laufen: warten Sie sie ab</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>other backups are being taken</source>
      <translation>andere Sicherungen laufen gerade</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>others read the usage record: repeat it</source>
      <translation>andere lesen gerade die Nutzungsaufzeichnung: wiederholen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>outage</source>
      <translation>Ausfall</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>over, not acknowledged</source>
      <translation>vorbei, noch offen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>overflow</source>
      <translation>Überlauflizenz</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>overloaded, repeat it</source>
      <translation>überlastet, wiederholen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>passive</source>
      <translation>passiv</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>promised</source>
      <translation>hat versprochen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>quantity</source>
      <translation>Anzahl</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <location filename="../../appliance/details/__init__.py" />
      <source>quorum lost</source>
      <translation>Quorum verloren</translation>
    </message>
    <message>
      <source>quorum lost: no answer from {hosts}</source>
      <extracomment>problem not-serving</extracomment>
      <translation>Quorum verloren: keine Antwort von {hosts}</translation>
    </message>
    <message>
      <source>quorum lost: without {hosts}</source>
      <extracomment>problem not-serving</extracomment>
      <translation>Quorum verloren ohne {hosts}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>reaches {reached} upstreams, the twin two</source>
      <translation>erreicht {reached} Upstreams, der Zwilling zwei</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>read in the detail which one can be</source>
      <translation>in der Begründung lesen, welches es kann</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>reads the log</source>
      <translation>liest das Log</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>reads the log of {host}</source>
      <translation>liest das Log von {host}</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>receipt period</source>
      <translation>Gültigkeit eines Belegs</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>refundable units</source>
      <translation>erstattbare Einheiten</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>refused: it takes the connection and hangs up, as for a certificate that its clock or its settings do not allow; its log says why</source>
      <translation>abgewiesen: er nimmt die Verbindung an und legt auf, wie bei einem Zertifikat, das seine Uhr oder seine Einstellungen nicht zulassen; sein Log sagt, warum</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>repeat the check-out to learn where it stands</source>
      <translation>den Check-out wiederholen, um den Stand zu erfahren</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>repeat the request with the same id</source>
      <translation>wiederholen Sie die Anfrage mit derselben Kennung</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>replace {host} by {who}: {why}</source>
      <translation>Speicher von {host} ersetzt durch {who}: {why}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>restore {name}</source>
      <translation>{name} wieder mit Strom versorgen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>rests, since its vendor has had no contact with the containers for too long</source>
      <translation>ruht, da ihr Hersteller zu lange keinen Kontakt mit den Containern hatte</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>rests, since its vendor wants a newer certified time than there is</source>
      <translation>ruht, da ihr Hersteller eine neuere zertifizierte Zeit verlangt, als es gibt</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>rests, since its vendor wants containers that are bound more firmly</source>
      <translation>ruht, da ihr Hersteller fester gebundene Container verlangt</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>rests, since this system was restored from a backup or put back</source>
      <translation>ruht, da dieses System aus einer Sicherung wiederhergestellt oder zurückgesetzt wurde</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>return of a borrowed seat refused</source>
      <translation>Rückgabe eines ausgeliehenen Platzes abgelehnt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>role</source>
      <translation>Rolle</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>rules and groups name at most {most} subjects</source>
      <translation>Regeln und Gruppen nennen höchstens {most} Subjekte</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>rules are raised for {count} TMR hosts</source>
      <translation>Regeln werden für {count} TMR-Hosts angehoben</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>rules {in_force} are in force, and are never lowered</source>
      <translation>es gelten Regeln {in_force}, und sie werden nie gesenkt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>say why in one line, without control characters</source>
      <translation>nennen Sie den Grund in einer Zeile, ohne Steuerzeichen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>say why: the reason is recorded</source>
      <translation>nennen Sie einen Grund: er wird aufgezeichnet</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>seat borrowed</source>
      <translation>Platz ausgeliehen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>seat checked out</source>
      <translation>Platz ausgecheckt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>seat ended for want of heartbeats</source>
      <translation>Platz mangels Heartbeats beendet</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>seat given back</source>
      <translation>Platz zurückgegeben</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>seat not lent</source>
      <translation>Platz nicht ausgeliehen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>seat released by force, by {who}</source>
      <translation>Platz erzwungen freigegeben, von {who}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>seats in use</source>
      <translation>belegte Plätze</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>seats of product {product} have to be 1 to {most}</source>
      <translation>Plätze des Produkts {product} müssen 1 bis {most} sein</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>seconds ago</source>
      <translation>Sekunden zuvor</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>see /openapi.json for what there is</source>
      <translation>was es gibt, steht in /openapi.json</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>send the next number</source>
      <translation>die nächste Nummer senden</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>serves</source>
      <translation>leistet Dienst</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>serves now: active</source>
      <translation>leistet jetzt Dienst: aktiv</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>serving</source>
      <translation>dient</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>settle one of them first</source>
      <translation>erst eine davon abrechnen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>settle what was reserved, and take the rest by a request of its own</source>
      <translation>abrechnen, was reserviert war, und den Rest mit einer eigenen Anfrage entnehmen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>sign it with the key that the reservation named</source>
      <translation>mit dem Schlüssel signieren, den die Reservierung nannte</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>silent for {for_s} s</source>
      <translation>seit {for_s} s still</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>snoozed, {time} left</source>
      <translation>zurückgestellt, noch {time}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>software</source>
      <translation>Software</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>software, universal</source>
      <translation>Software, universell</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>some upstreams wait for a restore, and others do not</source>
      <translation>manche Upstreams warten auf eine Wiederherstellung und andere nicht</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>station share</source>
      <translation>Stationsfreigabe</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>stops</source>
      <translation>hält an</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>store damaged</source>
      <translation>Speicher beschädigt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>such a receipt cannot be looked at here</source>
      <translation>ein solcher Beleg kann hier nicht geprüft werden</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>switch</source>
      <translation>Wechsel</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>switched over to the twin</source>
      <translation>an den Zwilling übergeben</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>switchover ordered by {who}</source>
      <translation>Umschaltung angeordnet von {who}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>switchover {host} by {who}: {why}</source>
      <translation>Umschaltung auf {host} durch {who}: {why}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>takes the service over: {phase}</source>
      <translation>übernimmt den Dienst: {phase}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>term {n}</source>
      <translation>Amtszeit {n}</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>text</source>
      <translation>Text</translation>
    </message>
    <message>
      <location filename="../../appliance/client/tls.py" />
      <source>the CA file {path} cannot be read ({why}); name a PEM file</source>
      <translation>die CA-Datei {path} ist nicht lesbar ({why}); eine PEM-Datei nennen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the TLS handshake failed ({said})</source>
      <translation>der TLS-Handshake ist gescheitert ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the address is elsewhere</source>
      <translation>die Adresse ist anderswo</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>the agent, then the usual files</source>
      <translation>der Agent, dann die üblichen Dateien</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <source>the answer is larger than {bound} bytes</source>
      <translation>die Antwort ist größer als {bound} Bytes</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the answer of {url} is no proper time-stamp ({said})</source>
      <translation>die Antwort von {url} ist kein richtiger Zeitstempel ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the block list of {url} is another one than was seen under its number ({said})</source>
      <translation>die Sperrliste von {url} ist eine andere, als unter ihrer Nummer gesehen wurde ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the block list of {url} is none ({said})</source>
      <translation>die Sperrliste von {url} ist keine ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the block list of {url} is older than one that was seen before ({said})</source>
      <translation>die Sperrliste von {url} ist älter als eine, die schon gesehen wurde ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the block list of {url} is over; the time server has to serve a newer one</source>
      <translation>die Sperrliste von {url} ist abgelaufen; der Zeitserver muss eine neuere ausgeben</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the block list of {url} is too large ({said})</source>
      <translation>die Sperrliste von {url} ist zu groß ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the block list of {url} was not signed by the pinned licence root, or altered since</source>
      <translation>die Sperrliste von {url} wurde nicht von der festgelegten Lizenzwurzel signiert oder seither verändert</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the body did not come in time</source>
      <translation>der Body kam nicht rechtzeitig</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the certificate of {url} is not for time-stamps alone (RFC 3161, section 2.3)</source>
      <translation>das Zertifikat von {url} ist nicht allein für Zeitstempel (RFC 3161, Abschnitt 2.3)</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the certificate of {url} was not valid at the time it certified; the vendor has to renew it</source>
      <translation>das Zertifikat von {url} galt zu der Zeit nicht, die er zertifiziert hat; der Hersteller muss es erneuern</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the certificate was not dismissed</source>
      <translation>das Zertifikat wurde nicht für ungültig erklärt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the certificate's end is out of range</source>
      <translation>das Ende des Zertifikats liegt außerhalb des Bereichs</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the certificate's name or role is too long</source>
      <translation>Name oder Rolle des Zertifikats ist zu lang</translation>
    </message>
    <message>
      <location filename="../../appliance/client/tls.py" />
      <source>the client certificate {path} or its key {key} cannot be used ({why}); name a PEM certificate and its unencrypted key</source>
      <translation>das Client-Zertifikat {path} oder sein Schlüssel {key} ist unbrauchbar ({why}); ein PEM-Zertifikat und seinen unverschlüsselten Schlüssel nennen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the client's limit of seats is reached</source>
      <translation>die Höchstzahl an Plätzen des Clients ist erreicht</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <source>the connection broke: {why}</source>
      <translation>die Verbindung brach ab: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the connection ended ({said})</source>
      <translation>die Verbindung ist abgebrochen ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the connection ended before the body</source>
      <translation>die Verbindung endete vor dem Body</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/connections.py" />
      <source>the connection has no name</source>
      <translation>ein Name fehlt</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <source>the connection is busy</source>
      <translation>die Verbindung ist belegt</translation>
    </message>
    <message>
      <location filename="../../appliance/client/streams.py" />
      <source>the connection is not open</source>
      <translation>die Verbindung ist nicht offen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the connection is refused: no server listens on that port there</source>
      <translation>die Verbindung wird abgelehnt: dort lauscht kein Server an diesem Port</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <source>the connection was closed on this side</source>
      <translation>die Verbindung wurde auf dieser Seite geschlossen</translation>
    </message>
    <message>
      <source>the container of {host} is elsewhere than before</source>
      <extracomment>problem container-elsewhere</extracomment>
      <translation>der Container von {host} ist anderswo als zuvor</translation>
    </message>
    <message>
      <source>the container of {host} is shut</source>
      <extracomment>problem container-shut</extracomment>
      <translation>der Container von {host} ist verschlossen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the container's disk failed: {said}</source>
      <translation>die Platte des Containers ist ausgefallen: {said}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the database is not in order: {said}</source>
      <translation>die Datenbank ist nicht in Ordnung: {said}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the database is not the one that was made here</source>
      <translation>die Datenbank ist nicht die, die hier angelegt wurde</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>the demo knows no fault called {name}</source>
      <translation>die Demo kennt keinen Fehler namens {name}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the denial episode is not open</source>
      <translation>die Ablehnungsepisode ist nicht offen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the denial episode is open already, or too many are</source>
      <translation>die Ablehnungsepisode ist schon offen, oder zu viele sind es</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the document is nested too deeply</source>
      <translation>das Dokument ist zu tief verschachtelt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the end that is to be extended is none that was granted</source>
      <translation>das Ende, das verlängert werden soll, wurde nie gewährt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the free seats are reserved for others</source>
      <translation>die freien Plätze sind für andere reserviert</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the header {header} does not prove this lease</source>
      <translation>der Header {header} beweist dieses Lease nicht</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the host does not answer</source>
      <translation>der Host antwortet nicht</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the id of a loan is the borrower's key in hexadecimal</source>
      <translation>die Kennung einer Ausleihe ist der Schlüssel des Ausleihers, hexadezimal</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/ssh.py" />
      <source>the key of {host} has CHANGED (now {fingerprint}): do not connect; ask its administrator, and only if the change was meant remove the old key from {path}</source>
      <translation>der Schlüssel von {host} hat sich GEÄNDERT (jetzt {fingerprint}): nicht verbinden; den Verwalter fragen und nur, wenn die Änderung gewollt war, den alten Schlüssel aus {path} entfernen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/ssh.py" />
      <source>the key of {host} was not trusted; nothing was sent</source>
      <translation>dem Schlüssel von {host} wurde nicht vertraut; nichts wurde gesendet</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the key that settles a reservation has {bytes} bytes</source>
      <translation>der Schlüssel, der eine Reservierung abrechnet, hat {bytes} Bytes</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/ssh.py" />
      <source>the key {path} cannot be used ({why})</source>
      <translation>der Schlüssel {path} ist unbrauchbar ({why})</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/ssh.py" />
      <source>the key {path} has a passphrase: give it to your SSH agent and name no key file here</source>
      <translation>der Schlüssel {path} hat eine Passphrase: ihn dem SSH-Agenten geben und hier keine Schlüsseldatei nennen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the lease holds no seat of product {product}</source>
      <translation>das Lease hält keinen Platz des Produkts {product}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the ledger is founded already</source>
      <translation>das Ledger ist schon gegründet</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the ledger is not founded</source>
      <translation>das Ledger ist nicht gegründet</translation>
    </message>
    <message>
      <source>the ledger was put back: entry {index} and others are lost</source>
      <extracomment>problem ledger-rolled-back</extracomment>
      <translation>das Ledger wurde zurückgesetzt: Eintrag {index} und weitere sind verloren</translation>
    </message>
    <message>
      <location filename="../../appliance/client/errors.py" />
      <source>the licence servers have lost their quorum (missing: {names}); bring one of them back, then repeat</source>
      <translation>die Lizenzserver haben ihr Quorum verloren (es fehlen: {names}); einen davon wieder in Betrieb nehmen, dann wiederholen</translation>
    </message>
    <message>
      <location filename="../../appliance/client/listing.py" />
      <source>the licences changed again and again while they were listed; repeat it in a minute</source>
      <translation>die Lizenzen änderten sich immer wieder, während sie aufgelistet wurden; wiederholen Sie es in einer Minute</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the log ends at {index}, not as announced at {announced}</source>
      <translation>das Log endet bei {index}, nicht wie angekündigt bei {announced}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the log's last entry {index} is another one than was stored last</source>
      <translation>der letzte Eintrag {index} des Logs ist ein anderer, als zuletzt gespeichert wurde</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the mode {mode} needs a station</source>
      <translation>die Zugriffsart {mode} braucht eine Station</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>the monitor listens to this host</source>
      <translation>der Monitor hört diesem Host zu</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the most that the access rules allow</source>
      <translation>so viele, wie die Zugriffsregeln erlauben</translation>
    </message>
    <message>
      <location filename="../../appliance/client/causes.py" />
      <source>the name cannot be resolved ({why})</source>
      <translation>der Name lässt sich nicht auflösen ({why})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the nonce is too long</source>
      <translation>die Nonce ist zu lang</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the other TMR host is not ready</source>
      <translation>der andere TMR-Host ist nicht bereit</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the outcome is unknown, repeat it</source>
      <translation>der Ausgang ist unbekannt, wiederholen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the proof, a number or who is too long</source>
      <translation>der Beweis, eine Zahl oder who ist zu lang</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the reason holds the name, and it stays in the record: give one without it</source>
      <translation>der Grund enthält den Namen, und er bleibt in den Aufzeichnungen: einen ohne ihn angeben</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the receipt is of another ledger</source>
      <translation>der Beleg ist von einem anderen Ledger</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the receipt proves nothing: {said}</source>
      <translation>der Beleg beweist nichts: {said}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the record has more than {most} entries: use `tmr usage report`, which reads all of them</source>
      <translation>die Aufzeichnung hat mehr als {most} Einträge: `tmr usage report` verwenden, das alle liest</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the record of its {table} is not as it was written</source>
      <translation>sein Datensatz {table} ist nicht, wie er geschrieben wurde</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the record was not read in time: use `tmr usage report`, or repeat it</source>
      <translation>die Aufzeichnung wurde nicht rechtzeitig gelesen: `tmr usage report` verwenden oder wiederholen</translation>
    </message>
    <message>
      <source>the releases of {hosts} do not know the rules that are in force</source>
      <extracomment>problem not-serving</extracomment>
      <translation>die Releases von {hosts} kennen die geltenden Regeln nicht</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the report has {count} lines, and {most} are given at once: ask for a shorter time, or use `tmr usage report`</source>
      <translation>der Bericht hat {count} Zeilen, und {most} gibt es auf einmal: eine kürzere Zeit verlangen oder `tmr usage report` verwenden</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the rules are not raised yet</source>
      <translation>die Regeln sind noch nicht angehoben</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the rules take at most {most} bytes</source>
      <translation>die Regeln haben höchstens {most} Bytes</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <source>the server answered without being asked</source>
      <translation>der Server antwortete ungefragt</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <source>the server closed the connection</source>
      <translation>der Server schloss die Verbindung</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the server does not speak HTTP/1.1 ({why})</source>
      <translation>der Server spricht kein HTTP/1.1 ({why})</translation>
    </message>
    <message>
      <location filename="../../appliance/client/streams.py" />
      <source>the server does not start the event stream</source>
      <translation>der Server beginnt den Ereignisstrom nicht</translation>
    </message>
    <message>
      <location filename="../../appliance/client/listing.py" />
      <source>the server lists more than {bound} leases</source>
      <translation>der Server führt mehr als {bound} Leases auf</translation>
    </message>
    <message>
      <location filename="../../appliance/client/listing.py" />
      <source>the server lists more than {bound} licences</source>
      <translation>der Server führt mehr als {bound} Lizenzen auf</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the server refused this client's TLS ({why}); use a client certificate that was issued for this installation</source>
      <translation>der Server lehnte das TLS dieses Clients ab ({why}); ein Client-Zertifikat nehmen, das für diese Installation ausgestellt ist</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the server refused this client's certificate as expired; have a new one issued, or have the server's clock looked at if it has not expired</source>
      <translation>der Server hat das Zertifikat dieses Clients als abgelaufen abgelehnt; ein neues ausstellen lassen oder, falls es nicht abgelaufen ist, die Uhr des Servers prüfen lassen</translation>
    </message>
    <message>
      <location filename="../../appliance/client/wire.py" />
      <source>the server's answer is not a {kind} ({why})</source>
      <translation>die Antwort des Servers ist kein {kind} ({why})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the server's certificate has expired by this computer's clock ({now}); set the clock if it is wrong, else have the server's certificate renewed</source>
      <translation>das Zertifikat des Servers ist nach der Uhr dieses Rechners ({now}) abgelaufen; die Uhr stellen, falls sie falsch geht, sonst das Zertifikat des Servers erneuern lassen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the server's certificate is not accepted ({why}); check the CA file and the address in the client profile</source>
      <translation>das Zertifikat des Servers wird nicht anerkannt ({why}); CA-Datei und Adresse im Client-Profil prüfen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the server's certificate is not valid yet by this computer's clock ({now}); set this computer's clock, then repeat</source>
      <translation>das Zertifikat des Servers gilt nach der Uhr dieses Rechners ({now}) noch nicht; die Uhr dieses Rechners stellen, dann wiederholen</translation>
    </message>
    <message>
      <location filename="../../appliance/client/listing.py" />
      <source>the server's pages of leases lead nowhere</source>
      <translation>die Lease-Seiten des Servers führen nirgendwohin</translation>
    </message>
    <message>
      <location filename="../../appliance/client/listing.py" />
      <source>the server's pages of licences lead nowhere</source>
      <translation>die Lizenz-Seiten des Servers führen nirgendwohin</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the settlement is not proven</source>
      <translation>die Abrechnung ist nicht nachgewiesen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the signer of the time-stamp of {url} is not trusted here ({said})</source>
      <translation>dem Unterzeichner des Zeitstempels von {url} wird hier nicht vertraut ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the snapshot belongs to another log</source>
      <translation>der Snapshot gehört zu einem anderen Log</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the snapshot is of entry {index}, not of {wanted}</source>
      <translation>der Snapshot ist von Eintrag {index}, nicht von {wanted}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the snapshot of entry {index} is not here, or cut short</source>
      <translation>der Snapshot von Eintrag {index} ist nicht hier oder abgeschnitten</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the store is not replaced yet</source>
      <translation>der Speicher ist noch nicht ersetzt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the store of {host} did not sign this</source>
      <translation>der Speicher von {host} hat dies nicht signiert</translation>
    </message>
    <message>
      <source>the store of {host} has no vote</source>
      <extracomment>problem store-no-vote</extracomment>
      <translation>der Speicher von {host} hat keine Stimme</translation>
    </message>
    <message>
      <source>the store of {host} takes no part</source>
      <extracomment>problem store-damaged</extracomment>
      <translation>der Speicher von {host} nimmt nicht teil</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the store was not replaced</source>
      <translation>der Speicher wurde nicht ersetzt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the time of {url} is {beyond_ms} ms later than is possible: from the future</source>
      <translation>die Zeit von {url} ist um {beyond_ms} ms später als möglich: aus der Zukunft</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the time of {url} may be off by more than is allowed ({said})</source>
      <translation>die Zeit von {url} kann weiter abweichen als erlaubt ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the time-stamp of {url} does not carry the nonce of our query</source>
      <translation>der Zeitstempel von {url} trägt nicht die Nonce unserer Anfrage</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the time-stamp of {url} is for another request than ours</source>
      <translation>der Zeitstempel von {url} gilt für eine andere Anfrage als unsere</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the token is not enrolled: ask an administrator</source>
      <translation>das Token ist nicht angemeldet: einen Administrator fragen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the units to consume must be 1 or more</source>
      <translation>zu verbrauchen sind 1 oder mehr Einheiten</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the upstreams wait for a restore</source>
      <translation>die Upstreams warten auf eine Wiederherstellung</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the upstreams were told to restore different things</source>
      <translation>den Upstreams wurde Verschiedenes zum Wiederherstellen genannt</translation>
    </message>
    <message>
      <source>the usage period of licence {licence} ends in {left_s}</source>
      <extracomment>problem usage-period</extracomment>
      <translation>die Nutzungsdauer der Lizenz {licence} endet, Frist: {left_s}</translation>
    </message>
    <message>
      <source>the usage period of licence {licence} is over</source>
      <extracomment>problem usage-period</extracomment>
      <translation>die Nutzungsdauer der Lizenz {licence} ist abgelaufen</translation>
    </message>
    <message>
      <source>the vendor blocked the container of {host}</source>
      <extracomment>problem container-locked</extracomment>
      <translation>der Hersteller hat den Container von {host} gesperrt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the vendor refuses, or is not reached</source>
      <translation>der Hersteller lehnt ab oder ist nicht erreichbar</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>the virtual IP is on {hosts} at once</source>
      <translation>die virtuelle IP ist zugleich auf {hosts}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>the virtual IP moved from {other} to {host}</source>
      <translation>die virtuelle IP ging von {other} auf {host} über</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>the vote</source>
      <translation>die Abstimmung</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>there are at most {most} rules</source>
      <translation>es gibt höchstens {most} Regeln</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>there are at most {sets} sets and {groups} groups</source>
      <translation>es gibt höchstens {sets} Regelsätze und {groups} Gruppen</translation>
    </message>
    <message>
      <source>there are two logs, both vouched for, and nobody may choose one</source>
      <extracomment>problem not-serving</extracomment>
      <translation>es gibt zwei verbürgte Logs, und niemand darf eines wählen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>there is no container {name}, but {there}</source>
      <translation>es gibt keinen Container {name}, sondern {there}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/direct.py" />
      <source>there is no file {path}; name a client profile (TOML)</source>
      <translation>es gibt keine Datei {path}; ein Client-Profil (TOML) nennen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>there is no higher version</source>
      <translation>es gibt keine höhere Version</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>there is no licence {licence} that two containers hold</source>
      <translation>es gibt keine Lizenz {licence}, die zwei Container halten</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>there is no such upstream: ask for up1, up2 or up3</source>
      <translation>einen solchen Upstream gibt es nicht: up1, up2 oder up3 verlangen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>there is nothing to copy yet</source>
      <translation>es gibt noch nichts zu kopieren</translation>
    </message>
    <message>
      <location filename="../../appliance/client/engine.py" />
      <source>this client is closed</source>
      <translation>dieser Client ist geschlossen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>this computer has no network that leads there</source>
      <translation>dieser Rechner hat kein Netz, das dorthin führt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>this computer's network is down</source>
      <translation>das Netz dieses Rechners ist aus</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>this counter is far beyond any other</source>
      <translation>dieser Zähler liegt weit über jedem anderen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>this host does not serve</source>
      <translation>dieser Host leistet keinen Dienst</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>this ledger uses rules {in_force}, this release knows {known}: install a newer one</source>
      <translation>dieses Ledger verwendet Regeln {in_force}, diese Version kennt {known}: installieren Sie eine neuere</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>this log has an entry {index} of its own, and nobody can compare here</source>
      <translation>dieses Log hat selbst einen Eintrag {index}, und hier kann niemand vergleichen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>this needs an operator certificate with role {role}</source>
      <translation>dafür braucht es ein Bedienerzertifikat mit der Rolle {role}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/app.py" />
      <source>this program is not installed completely ({why})</source>
      <translation>dieses Programm ist nicht vollständig installiert ({why})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>this store does not vote</source>
      <translation>dieser Speicher hat keine Stimme</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>this store signed entry {index}, but ends at {last}: it lost what it had stored</source>
      <translation>dieser Speicher hat Eintrag {index} signiert, endet aber mit {last}: er hat verloren, was er gespeichert hatte</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/ssh.py" />
      <source>this user has no home directory, so there is no ~/.ssh/known_hosts to know the host by: set HOME</source>
      <translation>dieser Benutzer hat kein Heimatverzeichnis, also kein ~/.ssh/known_hosts, an dem der Host zu erkennen wäre: HOME setzen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/ssh.py" />
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>through SSH by {target}</source>
      <translation>über SSH durch {target}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>token_hash is SHA-256 of the token: {bytes} bytes</source>
      <translation>token_hash ist SHA-256 des Tokens: {bytes} Bytes</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>too few upstreams vouch for it now: repeat it with the same id</source>
      <translation>zu wenige Upstreams stehen jetzt dafür ein: mit derselben ID wiederholen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>too few votes</source>
      <translation>zu wenige Stimmen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>too large</source>
      <translation>zu groß</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>too late</source>
      <translation>zu spät</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>too many clients</source>
      <translation>zu viele Clients</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>too many dismissed certificates</source>
      <translation>zu viele für ungültig erklärte Zertifikate</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>too many leases</source>
      <translation>zu viele Leases</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>too many listeners</source>
      <translation>zu viele Zuhörer</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>too many requests at once</source>
      <translation>zu viele Anfragen auf einmal</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>too many reservations open</source>
      <translation>zu viele offene Reservierungen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>too many wait already</source>
      <translation>es warten schon zu viele</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>too much of this log is not committed</source>
      <translation>zu viel von diesem Log ist nicht festgeschrieben</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>too much to keep aside</source>
      <translation>zu viel, um es bereitzuhalten</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>true or false</source>
      <translation>true oder false</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>try again later, or ask an operator to release a seat</source>
      <translation>versuchen Sie es später erneut, oder bitten Sie einen Operator, einen Platz freizugeben</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>try again when one is back (`tmr borrow list`), or use the seat online</source>
      <translation>versuchen Sie es erneut, wenn einer zurück ist (`tmr borrow list`), oder nutzen Sie den Platz online</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>try again when one is free, or ask an administrator</source>
      <translation>erneut versuchen, wenn einer frei ist, oder einen Administrator fragen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>try again when one is free, or ask an operator to release one</source>
      <translation>erneut versuchen, wenn einer frei ist, oder einen Bediener bitten, einen freizugeben</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>try again when some have ended</source>
      <translation>erneut versuchen, wenn einige beendet sind</translation>
    </message>
    <message>
      <source>two ledgers are served as one virtual container</source>
      <extracomment>problem two-systems</extracomment>
      <translation>zwei Ledger werden als ein virtueller Container bedient</translation>
    </message>
    <message>
      <source>two logs: the disk of {host} was put back, {other} knows more</source>
      <extracomment>problem disk-put-back</extracomment>
      <translation>zwei Logs: die Platte von {host} wurde zurückgesetzt, {other} weiß mehr</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>two others sealed another state after entry {index}: its own licence state went wrong</source>
      <translation>zwei andere haben nach Eintrag {index} einen anderen Zustand versiegelt: sein eigener Lizenzzustand ist falsch</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>two stores that vote have not sealed it</source>
      <translation>zwei Speicher mit Stimme haben ihn nicht versiegelt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>two upstreams adopted the log</source>
      <translation>zwei Upstreams haben das Log übernommen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>two upstreams are willing</source>
      <translation>zwei Upstreams sind bereit</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>two upstreams hear another coordinator</source>
      <translation>zwei Upstreams hören einen anderen Koordinator</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>unconfirmed</source>
      <translation>unbestätigt</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>units</source>
      <translation>Einheiten</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>units denied</source>
      <translation>Einheiten verweigert</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>units exhausted</source>
      <translation>Einheiten erschöpft</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>units not confirmed</source>
      <translation>Einheiten nicht bestätigt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>units used</source>
      <translation>Einheiten verbraucht</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>units used, {left} left</source>
      <translation>Einheiten verbraucht, {left} übrig</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <location filename="../../monitor_gui/qt/scene.py" />
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>unknown</source>
      <translation>unbekannt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>unknown product</source>
      <translation>unbekanntes Produkt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>unlock {name}</source>
      <translation>Container von {name} entsperren</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <location filename="../../monitor_gui/qt/scene.py" />
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>unreachable</source>
      <translation>nicht erreichbar</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>unreachable, does not vote</source>
      <translation>nicht erreichbar, stimmt nicht mit</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>unsettled units</source>
      <translation>nicht abgerechnete Einheiten</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>up</source>
      <translation>läuft</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>update it with `tmr time update`</source>
      <translation>sie mit `tmr time update` aktualisieren</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>update the time with `tmr time update`, or import an update of the vendor's</source>
      <translation>die Zeit mit `tmr time update` aktualisieren oder eine Aktualisierung des Herstellers einspielen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>upgrade the hosts that `tmr rules status` names, then `tmr rules raise`</source>
      <translation>die Hosts aktualisieren, die `tmr rules status` nennt, dann `tmr rules raise`</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <location filename="../../monitor_gui/qt/hosts.py" />
      <source>upstream</source>
      <translation>Upstream</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>upstreams unreachable: {names}</source>
      <translation>Upstreams nicht erreichbar: {names}</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>usage period</source>
      <translation>Nutzungsdauer</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>usage period over</source>
      <translation>Nutzungsdauer abgelaufen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>usage period reset</source>
      <translation>Nutzungsdauer neu begonnen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>use a release of that time, or ask the vendor for maintenance</source>
      <translation>eine Version aus jener Zeit verwenden oder beim Hersteller Wartung anfordern</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>use another licence, or ask the vendor to reset its usage period</source>
      <translation>eine andere Lizenz verwenden oder den Hersteller bitten, die Nutzungsdauer neu beginnen zu lassen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>use it as it is</source>
      <translation>es verwenden, wie es ist</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>use it online, or ask whoever runs the licence servers</source>
      <translation>nutzen Sie sie online, oder fragen Sie den Betreiber der Lizenzserver</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>use it without consuming units</source>
      <translation>sie nutzen, ohne Einheiten zu verbrauchen</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>use switchover, maintenance-on or maintenance-off</source>
      <translation>switchover, maintenance-on oder maintenance-off verwenden</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>used exclusively at this station</source>
      <translation>an dieser Station exklusiv belegt</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>user limit</source>
      <translation>Benutzerlimit</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>version {version} is not remembered: apply the document</source>
      <translation>Version {version} ist nicht mehr bekannt: das Dokument anwenden</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>virtual</source>
      <translation>virtuell</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>virtual IP</source>
      <translation>virtuelle IP</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>wait, or ask the vendor to change that</source>
      <translation>warten oder den Hersteller bitten, das zu ändern</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>waits for a promise, and doubts what was promised ({doubts})</source>
      <translation>wartet auf eine Zusage und bezweifelt, was zugesagt wurde ({doubts})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>waits for a promise: {why}</source>
      <translation>wartet auf eine Zusage: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>waits for a promise: {why}; and doubts what was promised ({doubts})</source>
      <translation>wartet auf eine Zusage: {why}; und bezweifelt, was zugesagt wurde ({doubts})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>waits for promises</source>
      <translation>wartet auf Zusagen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>warning</source>
      <translation>Warnung</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>what is to be restored uses newer rules than this release knows</source>
      <translation>was wiederhergestellt werden soll, verwendet neuere Regeln, als diese Version kennt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>what it made of entry {index} is not what both other upstreams made of it: its own licence state went wrong</source>
      <translation>was er aus Eintrag {index} gemacht hat, ist nicht, was beide anderen Upstreams daraus gemacht haben: sein eigener Lizenzzustand ist falsch</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>what it sends is no message ({said})</source>
      <translation>was er sendet, ist keine Nachricht ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>what its holder says of it cannot be</source>
      <translation>was sein Besitzer davon sagt, kann nicht sein</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>what was borrowed is over</source>
      <translation>die Ausleihe ist beendet</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>what was put aside is another snapshot than the one that was sealed</source>
      <translation>was bereitgehalten wurde, ist ein anderer Snapshot als der versiegelte</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>what {host} knows is its store's to sign</source>
      <translation>was {host} kennt, muss sein Speicher signieren</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>who is too long</source>
      <translation>who ist zu lang</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>who or why is too long</source>
      <translation>who oder why ist zu lang</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>who waits may be overtaken 0 to {most} times</source>
      <translation>Wer wartet, darf 0- bis {most}-mal überholt werden</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>who waits says 0 to {most} seconds</source>
      <translation>wer wartet, nennt 0 bis {most} Sekunden</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>written off as lost at {time}</source>
      <translation>als verloren abgeschrieben um {time}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>{action} by {who}</source>
      <translation>{action} von {who}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{action} is no action: use switchover, maintenance-on or maintenance-off</source>
      <translation>{action} ist keine Handlung: switchover, maintenance-on oder maintenance-off verwenden</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>{action} {host} by {who}: {why}</source>
      <translation>{action} {host}, durch {who}: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{address} ({link}) sends VRRP adverts for our router id {vrid} (priority {priority})</source>
      <translation>{address} ({link}) sendet VRRP-Adverts für unsere Router-ID {vrid} (Priorität {priority})</translation>
    </message>
    <message>
      <source>{address} does not answer from here ({why})</source>
      <extracomment>problem address-silent</extracomment>
      <translation>{address} antwortet von hier aus nicht ({why})</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/ages.py" />
      <source>{age} ago</source>
      <translation>vor {age}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>{age} old</source>
      <translation>{age} alt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{client} asks for more than {per_s} check-outs, units and check-ins a second: wait a second, then repeat it with the same id</source>
      <translation>{client} verlangt mehr als {per_s} Check-outs, Einheiten und Rückgaben je Sekunde: eine Sekunde warten, dann mit derselben ID wiederholen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{client} has {count} event streams: close one first</source>
      <translation>{client} hat {count} Ereignisströme: erst einen schließen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{client} has {count} requests under way, the most it may</source>
      <translation>{client} hat {count} laufende Anfragen, mehr darf er nicht</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{count} requests are under way here</source>
      <translation>hier laufen {count} Anfragen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{count} time updates are under way: wait until one ends</source>
      <translation>{count} Zeitaktualisierungen laufen: warten Sie, bis eine endet</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/tables.py" />
      <source>{count} …</source>
      <translation>{count} …</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/ages.py" />
      <source>{d} d {h} h</source>
      <translation>{d} d {h} h</translation>
    </message>
    <message>
      <source>{fault}</source>
      <extracomment>problem settings</extracomment>
      <translation>{fault}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{field} has to be 1 to {most}</source>
      <translation>{field} muss zwischen 1 und {most} liegen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{field} has {bytes} bytes, not {least} to {most}</source>
      <translation>{field} hat {bytes} Bytes, nicht {least} bis {most}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{field} is longer than {most} characters</source>
      <translation>{field} ist länger als {most} Zeichen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{field} is out of range</source>
      <translation>{field} liegt außerhalb des Bereichs</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <location filename="../../monitor_gui/model/findings.py" />
      <source>{first}; {next}</source>
      <translation>{first}; {next}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <source>{gib} GiB ({percent} %)</source>
      <translation>{gib} GiB ({percent} %)</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{header} is a number of milliseconds, 1 or more</source>
      <translation>{header} ist eine Zahl von Millisekunden ab 1</translation>
    </message>
    <message>
      <source>{hosts} both hold the address {address}</source>
      <extracomment>problem address-twice</extracomment>
      <translation>{hosts} halten beide die Adresse {address}</translation>
    </message>
    <message>
      <source>{hosts} both say that they serve; the upstreams let only one</source>
      <extracomment>problem two-active</extracomment>
      <translation>{hosts} sagen beide, sie leisteten Dienst; die Upstreams lassen nur einen zu</translation>
    </message>
    <message>
      <source>{hosts} do not answer; more is told only to operators</source>
      <extracomment>problem told-in-short</extracomment>
      <translation>{hosts} antworten nicht; mehr erfahren nur Bediener</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{hosts} do not answer; two of three upstreams are needed</source>
      <translation>{hosts} antworten nicht; zwei von drei Upstreams sind nötig</translation>
    </message>
    <message>
      <source>{hosts} do not hear each other, though both answer</source>
      <extracomment>problem twins-apart</extracomment>
      <translation>{hosts} hören einander nicht, obwohl beide antworten</translation>
    </message>
    <message>
      <source>{hosts} get no certified time from {url}: {why}</source>
      <extracomment>problem time-server</extracomment>
      <translation>{hosts} bekommen keine zertifizierte Zeit von {url}: {why}</translation>
    </message>
    <message>
      <source>{hosts} serve two different ledgers as one virtual container, {serial}</source>
      <extracomment>problem two-systems</extracomment>
      <translation>{hosts} bedienen zwei verschiedene Ledger als ein virtueller Container, {serial}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>{host} answers again</source>
      <translation>{host} antwortet wieder</translation>
    </message>
    <message>
      <source>{host} answers but does not take part: it holds another log than the one that serves</source>
      <extracomment>problem upstream-apart</extracomment>
      <translation>{host} antwortet, nimmt aber nicht teil: er hält ein anderes Log als der, der Dienst leistet</translation>
    </message>
    <message>
      <source>{host} answers but does not take part: {why}</source>
      <extracomment>problem upstream-apart</extracomment>
      <translation>{host} antwortet, nimmt aber nicht teil: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} claims for {claimed}</source>
      <translation>{host} verlangt eine Amtszeit für {claimed}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} did not say within {within_s} s</source>
      <translation>{host} hat sich nicht innerhalb von {within_s} s geäußert</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <location filename="../../monitor_gui/feed/demo.py" />
      <location filename="../../monitor_gui/model/timeline.py" />
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} does not answer</source>
      <extracomment>problem upstream-down</extracomment>
      <translation>{host} antwortet nicht</translation>
    </message>
    <message>
      <source>{host} does not answer ({why}): the next upstream lost ends the service</source>
      <extracomment>problem upstream-down</extracomment>
      <translation>{host} antwortet nicht ({why}): fällt noch ein Upstream aus, endet der Dienst</translation>
    </message>
    <message>
      <source>{host} does not answer: nobody could take over</source>
      <extracomment>problem tmr-down</extracomment>
      <translation>{host} antwortet nicht: niemand könnte übernehmen</translation>
    </message>
    <message>
      <source>{host} does not answer: the next upstream lost ends the service</source>
      <extracomment>problem upstream-down</extracomment>
      <translation>{host} antwortet nicht: fällt noch ein Upstream aus, endet der Dienst</translation>
    </message>
    <message>
      <source>{host} does not hear the VRRP adverts of the host with the address</source>
      <extracomment>problem adverts-not-heard</extracomment>
      <translation>{host} hört die VRRP-Meldungen des Hosts mit der Adresse nicht</translation>
    </message>
    <message>
      <source>{host} does not know the rules in force</source>
      <extracomment>problem host-outdated</extracomment>
      <translation>{host} kennt die geltenden Regeln nicht</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/ssh.py" />
      <source>{host} does not let {user} in: check the user, the key file and the agent</source>
      <translation>{host} lässt {user} nicht ein: Benutzer, Schlüsseldatei und Agent prüfen</translation>
    </message>
    <message>
      <source>{host} does not take part: it holds another log than the one that serves</source>
      <extracomment>problem upstream-apart</extracomment>
      <translation>{host} nimmt nicht teil: er hält ein anderes Log als der, der Dienst leistet</translation>
    </message>
    <message>
      <source>{host} does not take part: {why}</source>
      <extracomment>problem upstream-apart</extracomment>
      <translation>{host} nimmt nicht teil: {why}</translation>
    </message>
    <message>
      <source>{host} gets no certified time from {url}: {why}</source>
      <extracomment>problem time-server</extracomment>
      <translation>{host} bekommt keine zertifizierte Zeit von {url}: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} gives no record now: ask another upstream</source>
      <translation>{host} gibt jetzt keine Aufzeichnung her: einen anderen Upstream fragen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} has another log</source>
      <translation>{host} hat ein anderes Log</translation>
    </message>
    <message>
      <source>{host} has the address and takes a term</source>
      <extracomment>problem not-serving</extracomment>
      <translation>{host} hat die Adresse und übernimmt gerade</translation>
    </message>
    <message>
      <source>{host} has the address and takes a term ({why})</source>
      <extracomment>problem not-serving</extracomment>
      <translation>{host} hat die Adresse und übernimmt gerade ({why})</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>{host} is active: it hands over first, then stays passive until its maintenance ends. Meanwhile there is no spare TMR host.</source>
      <translation>{host} ist aktiv: er übergibt zuerst und bleibt dann passiv, bis seine Wartung endet. Solange gibt es keinen Ersatz-TMR-Host.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} is in maintenance</source>
      <translation>{host} ist in Wartung</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} is in maintenance already</source>
      <translation>{host} ist schon in Wartung</translation>
    </message>
    <message>
      <source>{host} is in maintenance: nobody could take over</source>
      <extracomment>problem maintenance</extracomment>
      <translation>{host} ist in Wartung: niemand könnte übernehmen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>{host} is lost</source>
      <translation>{host} ist ausgefallen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} is none of {known}</source>
      <translation>{host} ist keiner von {known}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/dialogs.py" />
      <source>{host} is not known on this computer yet.</source>
      <translation>{host} ist auf diesem Rechner noch nicht bekannt.</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <source>{host} is silent in the TLS handshake</source>
      <translation>{host} schweigt im TLS-Handshake</translation>
    </message>
    <message numerus="yes">
      <source>{host} is {n} entries behind</source>
      <extracomment>problem upstream-behind</extracomment>
      <translation>
        <numerusform>{host} ist {n} Eintrag im Rückstand</numerusform>
        <numerusform>{host} ist {n} Einträge im Rückstand</numerusform>
      </translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} is; repeat the request with the same id</source>
      <translation>es ist {host}; wiederholen Sie die Anfrage mit derselben Kennung</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>{host} left maintenance</source>
      <translation>{host} hat die Wartung beendet</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>{host} may serve again. Nothing changes for clients now.</source>
      <translation>{host} darf wieder Dienst leisten. Für Clients ändert sich jetzt nichts.</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} promised {term}</source>
      <translation>{host} hat {term} zugesagt</translation>
    </message>
    <message>
      <source>{host} reaches {reached} of three upstreams: nobody could take over</source>
      <extracomment>problem standby-cut-off</extracomment>
      <translation>{host} erreicht {reached} von drei Upstreams: niemand könnte übernehmen</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} reaches {reached} upstreams</source>
      <translation>{host} erreicht {reached} Upstreams</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} said something newer</source>
      <translation>{host} hat Neueres gesagt</translation>
    </message>
    <message>
      <source>{host} says that something is wrong, and tells only operators what</source>
      <extracomment>problem told-in-short</extracomment>
      <translation>{host} sagt, dass etwas nicht stimmt, und nur Bediener erfahren, was</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>{host} serves (seen when the monitor began to look)</source>
      <translation>{host} leistet Dienst (gesehen, als der Monitor zu beobachten begann)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>{host} serves again</source>
      <translation>{host} leistet wieder Dienst</translation>
    </message>
    <message>
      <source>{host} serves but did not lately tell how it is: its disk and clock are unknown</source>
      <extracomment>problem report-old</extracomment>
      <translation>{host} leistet Dienst, hat aber in letzter Zeit nicht gesagt, wie es ihm geht: Platte und Uhr sind unbekannt</translation>
    </message>
    <message>
      <source>{host} serves but never did tell how it is: its disk and clock are unknown</source>
      <extracomment>problem report-old</extracomment>
      <translation>{host} leistet Dienst, hat aber nie gesagt, wie es ihm geht: Platte und Uhr sind unbekannt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} serves with this certificate: give it a new one first, or let the other host serve</source>
      <translation>{host} dient mit diesem Zertifikat: ihm erst ein neues geben oder den anderen Host dienen lassen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/ssh.py" />
      <source>{host} shows another key each time: do not connect</source>
      <translation>{host} zeigt jedes Mal einen anderen Schlüssel: nicht verbinden</translation>
    </message>
    <message>
      <source>{host} takes no part: this ledger uses rules {in_force}, its release knows {known}</source>
      <extracomment>problem host-outdated</extracomment>
      <translation>{host} macht nicht mit: dieses Ledger verwendet die Regeln {in_force}, sein Release kennt {known}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>{host} took over from {other}</source>
      <translation>{host} hat von {other} übernommen</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <source>{host} was not resolved in time</source>
      <translation>{host} wurde nicht rechtzeitig aufgelöst</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>{host} will not take over until its maintenance ends. Meanwhile there is no spare TMR host: a failure of {active} would end the service.</source>
      <translation>{host} übernimmt nicht, bis seine Wartung endet. Solange gibt es keinen Ersatz-TMR-Host: ein Ausfall von {active} würde den Dienst beenden.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/ages.py" />
      <source>{h} h {m} min</source>
      <translation>{h} h {m} min</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{key} is there twice: which of the two counts?</source>
      <translation>{key} steht zweimal da: welches von beiden gilt?</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>{least} to {most}</source>
      <translation>{least} bis {most}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/commands.py" />
      <source>{menu}: {title}</source>
      <translation>{menu}: {title}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{method} is not for this resource</source>
      <translation>{method} passt nicht zu dieser Ressource</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <source>{mib} MiB</source>
      <translation>{mib} MiB</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/phrases.py" />
      <source>{most} and {last}</source>
      <translation>{most} und {last}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{most} certificates are dismissed that have not ended yet, which is all that can be; let another authority take over (`tmr pki rotate`)</source>
      <translation>{most} noch nicht abgelaufene Zertifikate sind entlassen, mehr geht nicht; eine andere Zertifizierungsstelle übernehmen lassen (`tmr pki rotate`)</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{most} check-outs wait for {product}, which is all that can; {remedy}</source>
      <translation>{most} Ausleihen warten auf {product}, mehr können es nicht; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{most} check-outs wait, which is all that can; {remedy}</source>
      <translation>{most} Ausleihen warten, mehr können es nicht; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{most} clients are enrolled, which is all that can be; dismiss one first, or use client certificates</source>
      <translation>{most} Clients sind angemeldet, mehr geht nicht; erst einen entlassen oder Client-Zertifikate verwenden</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{most} hosts are in maintenance, which is all that can be</source>
      <translation>{most} Hosts sind in Wartung, mehr geht nicht</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{most} loans are out, which is all that can be; {remedy}</source>
      <translation>{most} Ausleihen sind offen, mehr sind nicht möglich; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{most} loans of this client are out, which is all that can be; {remedy}</source>
      <translation>{most} Ausleihen dieses Clients sind offen, mehr sind nicht möglich; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{most} products have such a limit, which is all that can be</source>
      <translation>{most} Produkte haben eine solche Höchstzahl, mehr geht nicht</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{most} unit counters were used, which is all that can be</source>
      <translation>{most} Einheitenzähler wurden benutzt, mehr geht nicht</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{most} updates wait for their containers already: bring their hosts back, or import this file there by `tmr container import`</source>
      <translation>{most} Updates warten schon auf ihre Container: bringen Sie deren Hosts zurück, oder importieren Sie diese Datei dort mit `tmr container import`</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/ages.py" />
      <source>{m} min {s} s</source>
      <translation>{m} min {s} s</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <location filename="../../monitor_gui/model/phrases.py" />
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>{name}</source>
      <translation>{name}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>{name} (not saved)</source>
      <translation>{name} (nicht gespeichert)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>{name} ({why})</source>
      <translation>{name} ({why})</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>{name} has a wrong time.</source>
      <translation>{name} hat eine falsche Zeit.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>{name} has power again.</source>
      <translation>{name} hat wieder Strom.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>{name} has room again.</source>
      <translation>{name} hat wieder Platz.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>{name} has the right time again.</source>
      <translation>{name} hat wieder die richtige Zeit.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>{name} is followed now. {more}</source>
      <translation>Jetzt wird {name} beobachtet. {more}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>{name} is in maintenance; end that first.</source>
      <translation>{name} ist in Wartung; diese zuerst beenden.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>{name} lost power.</source>
      <translation>{name} hat keinen Strom mehr.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>{name} reaches both time servers.</source>
      <translation>{name} erreicht beide Zeitserver.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>{name} reaches one time server.</source>
      <translation>{name} erreicht einen Zeitserver.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/status_line.py" />
      <source>{name} · {route} · {identity} ({role}){only}</source>
      <translation>{name} · {route} · {identity} ({role}){only}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>{name}'s container is locked.</source>
      <translation>Der Container von {name} ist gesperrt.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>{name}'s container is not locked any more.</source>
      <translation>Der Container von {name} ist nicht mehr gesperrt.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>{name}, outvoted</source>
      <translation>{name}, überstimmt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>{name}: followed now</source>
      <translation>{name}: wird jetzt beobachtet</translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/findings.py" />
      <source>{n} days</source>
      <translation>
        <numerusform>{n} Tag</numerusform>
        <numerusform>{n} Tage</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/activity.py" />
      <source>{n} events were not shown</source>
      <translation>
        <numerusform>{n} Ereignis wurde nicht gezeigt</numerusform>
        <numerusform>{n} Ereignisse wurden nicht gezeigt</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/findings.py" />
      <source>{n} hours</source>
      <translation>
        <numerusform>{n} Stunde</numerusform>
        <numerusform>{n} Stunden</numerusform>
      </translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>{n} in the last minute</source>
      <translation>{n} in der letzten Minute</translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>{n} leases</source>
      <translation>
        <numerusform>{n} Lease</numerusform>
        <numerusform>{n} Leases</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>{n} licences available</source>
      <translation>
        <numerusform>{n} Lizenz verfügbar</numerusform>
        <numerusform>{n} Lizenzen verfügbar</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/findings.py" />
      <source>{n} minutes</source>
      <translation>
        <numerusform>{n} Minute</numerusform>
        <numerusform>{n} Minuten</numerusform>
      </translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/ages.py" />
      <source>{n} ms</source>
      <translation>{n} ms</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/streams.py" />
      <location filename="../../monitor_gui/qt/tables.py" />
      <source>{n} of {all}</source>
      <translation>{n} von {all}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/ages.py" />
      <source>{n} s</source>
      <translation>{n} s</translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/findings.py" />
      <source>{n} seconds</source>
      <translation>
        <numerusform>{n} Sekunde</numerusform>
        <numerusform>{n} Sekunden</numerusform>
      </translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/findings.py" />
      <source>{off} s</source>
      <translation>{off} s</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{out} of {most} seats of licence {licence} that may be borrowed are out, or may be, since this ledger was restored from a backup; {remedy}</source>
      <translation>{out} von {most} Plätzen der Lizenz {licence}, die ausgeliehen werden dürfen, sind ausgeliehen oder könnten es sein, da dieses Ledger aus einer Sicherung wiederhergestellt wurde; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{out} of {most} seats of licence {licence} that may be borrowed are out; {remedy}</source>
      <translation>{out} von {most} Plätzen der Lizenz {licence}, die ausgeliehen werden dürfen, sind ausgeliehen; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/client/profile.py" />
      <location filename="../../monitor_gui/feed/direct.py" />
      <source>{path} cannot be looked at: {why}</source>
      <translation>{path} lässt sich nicht ansehen: {why}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/direct.py" />
      <source>{path} cannot be read ({why})</source>
      <translation>{path} ist nicht lesbar ({why})</translation>
    </message>
    <message>
      <location filename="../../appliance/client/profile.py" />
      <source>{path} cannot be read: {why}</source>
      <translation>{path} ist nicht lesbar: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/client/profile.py" />
      <source>{path} is no TOML: {why}</source>
      <translation>{path} ist kein TOML: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/client/profile.py" />
      <source>{path} names {other}, which does not exist or is not a file</source>
      <translation>{path} nennt {other}, was keine Datei ist</translation>
    </message>
    <message>
      <location filename="../../appliance/client/profile.py" />
      <source>{path}: addresses is empty; name the virtual IP and its port</source>
      <translation>{path}: addresses ist leer; die virtuelle IP und ihren Port nennen</translation>
    </message>
    <message>
      <location filename="../../appliance/client/profile.py" />
      <source>{path}: certificate and key belong together; set both or neither</source>
      <translation>{path}: certificate und key gehören zusammen; beide setzen oder keines</translation>
    </message>
    <message>
      <location filename="../../appliance/client/profile.py" />
      <source>{path}: set only one of certificate, token and token_file, since each is an identity</source>
      <translation>{path}: nur eines von certificate, token und token_file setzen, denn jedes ist eine Identität</translation>
    </message>
    <message>
      <location filename="../../appliance/client/profile.py" />
      <source>{path}: the address "{text}" is not of the form host:port</source>
      <translation>{path}: die Adresse „{text}“ hat nicht die Form host:port</translation>
    </message>
    <message>
      <location filename="../../appliance/client/profile.py" />
      <source>{path}: token_file cannot be read ({why})</source>
      <translation>{path}: token_file ist nicht lesbar ({why})</translation>
    </message>
    <message>
      <location filename="../../appliance/client/profile.py" />
      <source>{path}: {name} is no setting of a profile any more; remove the line: a program brings its trust with it, compiled in (docs/programs.md)</source>
      <translation>{path}: {name} gehört nicht mehr in ein Profil; die Zeile entfernen: ein Programm bringt selbst mit, wem es vertraut, einkompiliert (docs/programs.md)</translation>
    </message>
    <message>
      <location filename="../../appliance/client/profile.py" />
      <source>{path}: {name} names {other}, which does not exist or is not a file</source>
      <translation>{path}: {name} nennt {other}, was keine Datei ist</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{phase} took too long</source>
      <translation>{phase} hat zu lange gedauert</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{phase} took too long, and what was promised is doubted ({doubts})</source>
      <translation>{phase} hat zu lange gedauert, und was zugesagt wurde, ist zweifelhaft ({doubts})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{product} has {left} units left, fewer than the {units} asked for; {remedy}</source>
      <translation>{product} hat noch {left} Einheiten, weniger als die {units} verlangten; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{product} has {units} units, but of more licences than one request can take from ({most}); ask for fewer units at a time</source>
      <translation>{product} hat {units} Einheiten, aber aus mehr Lizenzen, als eine Anfrage nutzen kann ({most}); weniger Einheiten auf einmal verlangen</translation>
    </message>
    <message>
      <location filename="../../appliance/client/errors.py" />
      <location filename="../../monitor_gui/feed/poller.py" />
      <location filename="../../monitor_gui/model/activity.py" />
      <source>{reason}: {detail}</source>
      <translation>{reason}: {detail}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>{sign} {n} of 3</source>
      <translation>{sign} {n} von 3</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/findings.py" />
      <source>{size} GiB</source>
      <translation>{size} GiB</translation>
    </message>
    <message>
      <location filename="../../appliance/client/surroundings.py" />
      <source>{source} names {path}, and whose home directory that is, is not known here; write the whole path</source>
      <translation>{source} nennt {path}, und wessen Heimatverzeichnis das ist, ist hier nicht bekannt; den ganzen Pfad angeben</translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>{spare} will serve instead of {active}. {n} leases stay. The client library repeats requests that fail meanwhile.</source>
      <translation>
        <numerusform>{spare} wird statt {active} Dienst leisten. {n} Lease bleibt; Anfragen dazwischen wiederholt die Client-Bibliothek von selbst.</numerusform>
        <numerusform>{spare} wird statt {active} Dienst leisten. {n} Leases bleiben; Anfragen dazwischen wiederholt die Client-Bibliothek von selbst.</numerusform>
      </translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <location filename="../../monitor_gui/model/wire_words.py" />
      <location filename="../../appliance/details/__init__.py" />
      <source>{text}</source>
      <translation>{text}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>{time}, {age} old</source>
      <translation>{time}, {age} alt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>{title} ({n})</source>
      <translation>{title} ({n})</translation>
    </message>
    <message>
      <source>{unit} does not run on {host} ({state})</source>
      <extracomment>problem unit-down</extracomment>
      <translation>{unit} läuft nicht auf {host} ({state})</translation>
    </message>
    <message>
      <source>{unit} was restarted {count} times on {host}</source>
      <extracomment>problem unit-restarts</extracomment>
      <translation>{unit} wurde auf {host} {count}-mal neu gestartet</translation>
    </message>
    <message>
      <source>{unit} would not start with {host} ({state})</source>
      <extracomment>problem unit-disabled</extracomment>
      <translation>{unit} würde nicht mit {host} starten ({state})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{url} and {other} are {apart_ms} ms apart, and nothing tells who is right</source>
      <translation>{url} und {other} liegen {apart_ms} ms auseinander, und nichts sagt, wer recht hat</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{url} answers with more than {most} bytes; not read on{through}</source>
      <translation>{url} antwortet mit mehr als {most} Bytes; nicht weitergelesen{through}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{url} answers with {stated}, not {wanted}</source>
      <translation>{url} antwortet mit {stated}, nicht mit {wanted}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{url} answers {status} {said}</source>
      <translation>{url} antwortet {status} {said}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{url} cannot be reached: {said}{through}</source>
      <translation>{url} ist nicht erreichbar: {said}{through}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{url} did not answer within {within_s} s{through}</source>
      <translation>{url} hat nicht innerhalb von {within_s} s geantwortet{through}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{url} gives no time-stamp ({said})</source>
      <translation>{url} gibt keinen Zeitstempel ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{url} is {apart_ms} ms from {other}, which fits the last certified time</source>
      <translation>{url} weicht um {apart_ms} ms von {other} ab, der zur letzten zertifizierten Zeit passt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{url} says {time}, which is before log time {log_time}; only time servers of the licence root bring a clock back behind it</source>
      <translation>{url} sagt {time}, das liegt vor der Log-Zeit {log_time}; nur Zeitserver der Lizenzwurzel stellen eine Uhr hinter sie zurück</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{url} sends us to {where}; configure that address if it is right</source>
      <translation>{url} verweist auf {where}; tragen Sie diese Adresse ein, wenn sie stimmt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>{used} of {all} seats used</source>
      <translation>{used} von {all} Plätzen belegt</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{wanted} seats of {product} are asked for, and {most} are the most; {remedy}</source>
      <translation>{wanted} Plätze von {product} sind verlangt, und mehr als {most} gibt es nicht; {remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{wanted} seats of {product} are free, but of more licences than one lease can hold ({most}); ask for fewer seats at a time</source>
      <translation>{wanted} Plätze von {product} sind frei, aber aus mehr Lizenzen, als ein Lease halten kann ({most}); weniger Plätze auf einmal verlangen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/verdict.py" />
      <source>{what} · for {age}</source>
      <translation>{what} · seit {age}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>{what}, at most {took} without service</source>
      <translation>{what}, höchstens {took} ohne Dienst</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/findings.py" />
      <source>{what}; {more} more have the same trouble</source>
      <translation>{what}; {more} weitere haben dasselbe Problem</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/context.py" />
      <source>{who} has the role {role}; operate is needed.</source>
      <translation>{who} hat die Rolle {role}; nötig ist operate.</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>{who}{where} loses the seat for {product} at its next heartbeat, and what the program has not saved may be lost. The seat is free for others at once; a receipt that was given out stays valid until its period ends (10 minutes by default).{taken}</source>
      <translation>{who}{where} verliert den Platz für {product} beim nächsten Heartbeat, und was das Programm nicht gesichert hat, kann verloren gehen. Der Platz ist sofort für andere frei; ein ausgegebener Beleg bleibt gültig, bis seine Frist endet (ohne andere Angabe 10 Minuten).{taken}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{wish} has to be {why}</source>
      <translation>{wish} muss sein: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{word} is none of {known}</source>
      <translation>{word} ist keines von {known}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/findings.py" />
      <source>{word}: {names}</source>
      <translation>{word}: {names}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <source>ℹ not synchronised</source>
      <translation>ℹ nicht synchronisiert</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>▲ differs, no majority</source>
      <translation>▲ abweichend, keine Mehrheit</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>▲ failed</source>
      <translation>▲ misslungen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>▲ outvoted: set this clock</source>
      <translation>▲ überstimmt: diese Uhr stellen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>✔ answers</source>
      <translation>✔ antwortet</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>✔ in the vote</source>
      <translation>✔ stimmt mit</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>✔ not locked</source>
      <translation>✔ nicht gesperrt</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <source>✔ synchronised</source>
      <translation>✔ synchronisiert</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>✖ contradicts the others</source>
      <translation>✖ widerspricht den anderen</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>✖ locked</source>
      <translation>✖ gesperrt</translation>
    </message>
  </context>
</TS>
