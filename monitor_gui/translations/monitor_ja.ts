<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ja" sourcelanguage="en">
  <context>
    <name>monitor</name>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/forecast.py" />
      <source> The {n} units it took stay used.</source>
      <translation>
        <numerusform>消費した {n} ユニットは戻りません。</numerusform>
      </translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/status_line.py" />
      <source> · read-only</source>
      <translation> ・読み取り専用</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/connections.py" />
      <source>"{text}" is not of the form host:port</source>
      <translation>「{text}」は host:port の形式ではありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/connections.py" />
      <source>"{text}" is not of the form user@host or user@host:port</source>
      <translation>「{text}」は user@host または user@host:port の形式ではありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>&amp;About…</source>
      <translation>このプログラムについて(&amp;A)…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>&amp;Add…</source>
      <translation>追加(&amp;A)…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>&amp;Connect</source>
      <translation>接続(&amp;C)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>&amp;Connections…</source>
      <translation>接続先(&amp;C)…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>&amp;Demo</source>
      <translation>デモ(&amp;D)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>&amp;Edit…</source>
      <translation>編集(&amp;E)…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>&amp;Full screen</source>
      <translation>全画面表示(&amp;F)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>&amp;Help</source>
      <translation>ヘルプ(&amp;H)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>&amp;Jump host</source>
      <translation>踏み台ホスト(&amp;J)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>&amp;Language</source>
      <translation>言語(&amp;L)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>&amp;Name</source>
      <translation>名前(&amp;N)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>&amp;Quit</source>
      <translation>終了(&amp;Q)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>&amp;Read-only</source>
      <translation>読み取り専用(&amp;R)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>&amp;Remove</source>
      <translation>削除(&amp;R)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>&amp;System</source>
      <translation>システム(&amp;S)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>&amp;View</source>
      <translation>表示(&amp;V)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>(virtual)</source>
      <translation>(仮想)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>? not asked yet</source>
      <translation>? 未照会</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>? not told</source>
      <translation>? 情報なし</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>? unreachable</source>
      <translation>? 到達不能</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>A clock more than {n} s off the vote has no say.</source>
      <translation>投票時刻から {n} 秒を超えてずれた時計には投票権がありません。</translation>
    </message>
    <message>
      <source>A failover takes a second. If it stays so, look at tmr-server.service and tmr-vip.service on both TMR hosts.</source>
      <extracomment>problem not-serving</extracomment>
      <translation>フェイルオーバーには約 1 秒かかります。変わらなければ、両方の TMR ホストで tmr-server.service と tmr-vip.service を調べてください。</translation>
    </message>
    <message>
      <source>A stranger on the network of {host} wants the virtual IP: {why}</source>
      <extracomment>problem vrrp-stranger</extracomment>
      <translation>{host} のネットワーク上の第三者が仮想 IP を要求しています: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>A token labelled {label} is not there: plug it in</source>
      <translation>ラベル {label} のトークンがありません: 挿してください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>About TMR monitor</source>
      <translation>TMR モニターについて</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Access mode</source>
      <translation>アクセスモード</translation>
    </message>
    <message>
      <source>Access rules reserve {reserved} seats of {product}, and there are {quantity}: earlier lines get theirs, later ones less or none</source>
      <extracomment>problem over-reserved</extracomment>
      <translation>アクセス規則は {product} を {reserved} シート予約していますが、実際は {quantity} シートです: 先の行から割り当てられ、後の行は不足します</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>Acknowledge</source>
      <translation>確認済みにする</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/commands.py" />
      <location filename="../../monitor_gui/qt/window.py" />
      <source>Acknowledge all alerts</source>
      <translation>すべてのアラートを確認済みにする</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <location filename="../../monitor_gui/qt/pages.py" />
      <source>Activity</source>
      <translation>アクティビティ</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>Alert</source>
      <translation>アラート</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/commands.py" />
      <source>Alert: {text}</source>
      <translation>アラート: {text}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <location filename="../../monitor_gui/qt/pages.py" />
      <source>Alerts</source>
      <translation>アラート</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/tray.py" />
      <source>Alerts: {n}</source>
      <translation>アラート: {n}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>All hosts</source>
      <translation>すべてのホスト</translation>
    </message>
    <message>
      <source>All hosts know rules {known}, and rules {in_force} are in force: what is new is refused</source>
      <extracomment>problem rules-to-raise</extracomment>
      <translation>すべてのホストがルール {known} に対応していますが、有効なのはルール {in_force} です: 新しいものは拒否されます</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <source>All kinds</source>
      <translation>すべての種類</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>All levels</source>
      <translation>すべてのレベル</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>All seats of {product} are taken; {remedy}</source>
      <translation>{product} のシートはすべて使用中です。{remedy}</translation>
    </message>
    <message>
      <source>All {refused} check-outs of the last {over_s} were refused, mostly as {reason}</source>
      <extracomment>problem requests-refused</extracomment>
      <translation>直近 {over_s}のチェックアウト {refused} 件がすべて拒否されました。主な理由: {reason}</translation>
    </message>
    <message>
      <source>All {refused} check-outs of the last {over_s} were refused: no seat is free</source>
      <extracomment>problem requests-refused</extracomment>
      <translation>直近 {over_s}のチェックアウト {refused} 件がすべて拒否されました。空きシートがありません</translation>
    </message>
    <message>
      <source>Another ledger is served than the one that {other} knew up to entry {index}, and it was not restored from that: {entries} entries and {units} units are lost</source>
      <extracomment>problem ledger-rolled-back</extracomment>
      <translation>{other} が項目 {index} まで知っていた台帳とは別の台帳が提供されており、それから復元されたものでもありません: {entries} 件の項目と {units} ユニットが失われています</translation>
    </message>
    <message>
      <source>Another system works with the containers of this one: {other} has receipts of both ledgers in turn, the other one is {ledger}… at entry {index}</source>
      <extracomment>problem two-systems</extracomment>
      <translation>別のシステムがこのシステムのコンテナで動作しています: {other} は両方の台帳の受領証を交互に持っています。もう一方は {ledger}… のエントリ {index} です</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>As of {age}; the newest {most} lines are kept. Times are those of each host's own clock.</source>
      <translation>{age} 時点。最新の {most} 行を保持します。時刻は各ホスト自身の時計です。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/page.py" />
      <source>As told by {host}, {age}.</source>
      <translation>{host} による情報、{age}。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/certify.py" />
      <source>Ask a time server for all containers?</source>
      <translation>すべてのコンテナについてタイムサーバーに問い合わせますか?</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/certify.py" />
      <source>Ask a time server for container {serial}?</source>
      <translation>コンテナ {serial} についてタイムサーバーに問い合わせますか?</translation>
    </message>
    <message>
      <source>Ask an operator, or repeat this with an operator's certificate.</source>
      <extracomment>problem told-in-short</extracomment>
      <translation>オペレーターに尋ねるか、オペレーターの証明書で再度実行してください。</translation>
    </message>
    <message>
      <source>Ask the vendor for an update and import it at all three upstreams.</source>
      <extracomment>problem licence-expiry</extracomment>
      <translation>ベンダーに更新を依頼し、3 台すべてのアップストリームで取り込んでください。</translation>
    </message>
    <message>
      <source>Ask the vendor for an update with more units, and import it at all three upstreams.</source>
      <extracomment>problem units-gone, units-low</extracomment>
      <translation>ユニットを追加する更新をベンダーに依頼し、3 台すべてのアップストリームで取り込んでください。</translation>
    </message>
    <message>
      <source>Ask the vendor why it was blocked; it takes a new container or a release.</source>
      <extracomment>problem container-locked</extracomment>
      <translation>失効の理由をベンダーに問い合わせてください。新しいコンテナか解除が必要です。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>Asked by</source>
      <translation>問い合わせ元</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Begin</source>
      <translation>開始</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Begin the maintenance of {host}?</source>
      <translation>{host} のメンテナンスを開始しますか?</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <source>Behind</source>
      <translation>遅れ</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>Between list and page</source>
      <translation>リストとページの切り替え</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>Box time</source>
      <translation>ボックス時刻</translation>
    </message>
    <message>
      <source>Bring back the hosts that are named here: two upstreams and one TMR host are enough.</source>
      <extracomment>problem not-serving</extracomment>
      <translation>ここに挙げたホストを復旧してください。アップストリーム 2 台と TMR ホスト 1 台で足ります。</translation>
    </message>
    <message>
      <source>Bring back the licence that it stands in for, or ask the vendor to reset it.</source>
      <extracomment>problem usage-period</extracomment>
      <translation>代わりに使っている元のライセンスを復旧するか、ベンダーに使用期間のリセットを依頼してください。</translation>
    </message>
    <message>
      <source>Bring back the upstreams that are named; where a twin is missing or differs, import the vendor's update there: `tmr container import`.</source>
      <extracomment>problem licence-unusable</extracomment>
      <translation>挙げたアップストリームを復旧してください。ツインが欠落または相違する所では、ベンダーの更新を `tmr container import` で取り込んでください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Browse…</source>
      <translation>参照…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>C&amp;ommands…</source>
      <translation>コマンド(&amp;O)…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/streams.py" />
      <location filename="../../monitor_gui/qt/tables.py" />
      <source>CSV files (*.csv)</source>
      <translation>CSV ファイル (*.csv)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <source>Certificate</source>
      <translation>証明書</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>Certified time</source>
      <translation>認証時刻</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>Certified time for {serials}.</source>
      <translation>{serials} の認証時刻を取得しました。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>Certified time for {serials}. None for {failed}.</source>
      <translation>{serials} の認証時刻を取得しました。{failed} は取得できませんでした。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>Certified time is</source>
      <translation>認証時刻の経過</translation>
    </message>
    <message>
      <source>Check the address in the profile, and the network and packet filter between here and there.</source>
      <extracomment>problem address-silent</extracomment>
      <translation>プロファイルのアドレスと、ここからそこまでのネットワークとパケットフィルターを確認してください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/alerts.py" />
      <source>Check the connection profile, then connect again.</source>
      <translation>接続プロファイルを確認してから再接続してください。</translation>
    </message>
    <message>
      <source>Check the way from these hosts to that server, or name another.</source>
      <extracomment>problem time-server</extracomment>
      <translation>これらのホストからそのサーバーへの経路を確認するか、別のサーバーを指定してください。</translation>
    </message>
    <message>
      <source>Check the way from {host} to that server, or name another.</source>
      <extracomment>problem time-server</extracomment>
      <translation>{host} からそのサーバーへの経路を確認するか、別のサーバーを指定してください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>Check-outs per second</source>
      <translation>毎秒チェックアウト数</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/columns.py" />
      <location filename="../../monitor_gui/qt/commands.py" />
      <source>Choose columns: {table}</source>
      <translation>列の選択: {table}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/alerts.py" />
      <source>Choose one: System &gt; Connections (Ctrl+O).</source>
      <translation>「システム」&gt;「接続先」(Ctrl+O) で選択してください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Client</source>
      <translation>クライアント</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Client &amp;profile (TOML)</source>
      <translation>クライアントプロファイル(&amp;P) (TOML)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Client profile</source>
      <translation>クライアントプロファイル</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>Clients</source>
      <translation>クライアント</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <source>Clock</source>
      <translation>時計</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/pages.py" />
      <source>Clocks</source>
      <translation>時計</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Code</source>
      <translation>コード</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>Colours of the desktop</source>
      <translation>デスクトップの配色</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/command_palette.py" />
      <source>Command</source>
      <translation>コマンド</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/command_palette.py" />
      <source>Commands</source>
      <translation>コマンド</translation>
    </message>
    <message>
      <source>Compare the clocks of all three upstreams (`timedatectl`) and put the wrong ones right; then `tmr time update --all --why …`.</source>
      <extracomment>problem clock-off</extracomment>
      <translation>3 台すべてのアップストリームの時計を比べ (`timedatectl`)、狂ったものを直してから `tmr time update --all --why …` を実行してください。</translation>
    </message>
    <message>
      <source>Compare the clocks of both hosts (`timedatectl`), put the wrong one right, then `tmr time update --all --why …`; or bring the third upstream back.</source>
      <extracomment>problem clock-off</extracomment>
      <translation>両ホストの時計を比べ (`timedatectl`)、狂った方を直してから `tmr time update --all --why …` を実行するか、3 台目のアップストリームを復旧してください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/commands.py" />
      <source>Connect to {name}</source>
      <translation>{name} に接続</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/alerts.py" />
      <source>Connecting to {name}</source>
      <translation>{name} に接続中</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Connection</source>
      <translation>接続</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Connections</source>
      <translation>接続先</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>Container (upstream)</source>
      <translation>コンテナのホスト</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Container {serial} has said something newer</source>
      <translation>コンテナ {serial} からはより新しい申告があります</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Container {serial} is bound to another host ({binding}): not as it was are {other}; {weight} of {total} points fit and {needed} are needed. Put back what was changed (`tmr container explain` names it); or, if this host is to go on, make a new container on it and ask the vendor to reissue this one's licences to it</source>
      <translation>コンテナ {serial} は別のホストに結び付けられています ({binding}): 以前と異なるのは {other}。{total} 点中 {weight} 点が一致し、{needed} 点が必要です。変更を元に戻してください (`tmr container explain` が示します)。このホストで続ける場合は、新しいコンテナを作り、このコンテナのライセンスの再発行をベンダーに依頼してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Container {serial} is none of this ledger's</source>
      <translation>コンテナ {serial} はこの台帳のものではありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>Containers</source>
      <translation>コンテナ</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/pages.py" />
      <source>Containers and licences</source>
      <translation>コンテナとライセンス</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>Ctrl+{n}</source>
      <translation>Ctrl+{n}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>Dark</source>
      <translation>ダーク</translation>
    </message>
    <message>
      <source>Debian's own {unit} runs on {host} beside tmr-vip.service</source>
      <extracomment>problem unit-foreign</extracomment>
      <translation>{host} で Debian 自身の {unit} が tmr-vip.service と並んで動作しています</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Denials</source>
      <translation>拒否</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>Denials in the last minute</source>
      <translation>直近 1 分間の拒否</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>Diagnostics bundle…</source>
      <translation>診断パッケージ…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <source>Disk free</source>
      <translation>ディスク空き</translation>
    </message>
    <message>
      <source>Do not touch the disk of {other}: it knows more. Then decide whose log goes on, as docs/replacing.md says under "A disk was put back".</source>
      <extracomment>problem disk-put-back</extracomment>
      <translation>{other} のディスクには触れないでください。より多くの記録があります。その後 docs/replacing.md の「A disk was put back」に従い、どのログを続けるか決めてください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>Drawing of the system</source>
      <translation>システム図</translation>
    </message>
    <message>
      <source>Emergency licence {licence} ({name}) has {in_use} of {quantity} seats in use</source>
      <extracomment>problem emergency-licence</extracomment>
      <translation>緊急ライセンス {licence} ({name}) の使用中シート: {in_use} / {quantity}</translation>
    </message>
    <message>
      <source>Emergency licence {licence} ({name}) has {in_use} of {quantity} seats in use, and its usage period ends in {left_s}</source>
      <extracomment>problem emergency-licence</extracomment>
      <translation>緊急ライセンス {licence} ({name}) の使用中シート: {in_use} / {quantity}。使用期間は残り {left_s} です</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>End</source>
      <translation>終了</translation>
    </message>
    <message>
      <source>End it when the work is done: `tmr maintenance off {host} --why …`.</source>
      <extracomment>problem maintenance</extracomment>
      <translation>作業が済んだら `tmr maintenance off {host} --why …` で終了してください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>End maintenance of {host}…</source>
      <translation>{host} のメンテナンスを終了…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>End the lease of {who}?</source>
      <translation>{who} のリースを終了しますか?</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>End the maintenance of {host}?</source>
      <translation>{host} のメンテナンスを終了しますか?</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>Ended</source>
      <translation>終了時刻</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>Ended since this monitor began to watch</source>
      <translation>このモニターの監視開始後に終了したもの</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <source>Entry</source>
      <translation>項目</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>Errors</source>
      <translation>エラー</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Exclusive use of {product} was asked for, and this station uses it already; {remedy}</source>
      <translation>{product} の排他利用が要求されましたが、この端末ではすでに使用中です。{remedy}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Expires</source>
      <translation>有効期限</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/streams.py" />
      <location filename="../../monitor_gui/qt/tables.py" />
      <source>Export CSV…</source>
      <translation>CSV 出力…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/commands.py" />
      <source>Export as CSV: {table}</source>
      <translation>CSV 出力: {table}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/streams.py" />
      <location filename="../../monitor_gui/qt/tables.py" />
      <source>Export the table</source>
      <translation>表を出力</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/pages.py" />
      <source>Failover</source>
      <translation>フェイルオーバー</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Fewer than two constituents match: nobody can check this licence out.</source>
      <translation>一致する構成ライセンスが 2 つ未満です。誰もこのライセンスをチェックアウトできません。</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Fewer than {wanted} seats of {product} are free; {remedy}</source>
      <translation>{product} の空きシートは {wanted} 未満です。{remedy}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/keys.py" />
      <source>Filter</source>
      <translation>フィルター</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/keys.py" />
      <source>Filter of the table {title}</source>
      <translation>表「{title}」のフィルター</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/commands.py" />
      <source>Filter: {table}</source>
      <translation>フィルター: {table}</translation>
    </message>
    <message>
      <source>Find out who put the machines back, and read docs/replacing.md, "The ledger was put back"; then `tmr accept-loss --why …`.</source>
      <extracomment>problem ledger-rolled-back</extracomment>
      <translation>誰がマシンを以前の状態に戻したかを調べ、docs/replacing.md の「The ledger was put back」を読んでください。その後 `tmr accept-loss --why …` を実行してください。</translation>
    </message>
    <message>
      <source>Find out who put the machines back, and read docs/replacing.md, "The ledger was put back"; then `tmr accept-loss --why …`. Unit counters rest until the vendor confirms them: give him the key {key}.</source>
      <extracomment>problem ledger-rolled-back</extracomment>
      <translation>誰がマシンを以前の状態に戻したかを調べ、docs/replacing.md の「The ledger was put back」を読んでください。その後 `tmr accept-loss --why …` を実行してください。ユニットカウンターはベンダーが確認するまで休止します: ベンダーにキー {key} を伝えてください。</translation>
    </message>
    <message>
      <source>Find out who that is and keep it off this network; another VRRP router there needs another router id than `tmr_vrid`.</source>
      <extracomment>problem vrrp-stranger</extracomment>
      <translation>相手を特定し、このネットワークから切り離してください。別の VRRP ルーターがある場合は、`tmr_vrid` と異なるルーター ID を設定してください。</translation>
    </message>
    <message>
      <source>Find the machines that are copies, and switch them off: `tmr status` and docs/replacing.md, "Two systems"; tell the vendors.</source>
      <extracomment>problem two-systems</extracomment>
      <translation>複製されたマシンを見つけて停止してください: `tmr status` と docs/replacing.md の "Two systems"。ベンダーにも連絡してください。</translation>
    </message>
    <message>
      <source>Finish `tmr restore`, or found it with all three upstreams: docs/backup.md.</source>
      <extracomment>problem not-serving</extracomment>
      <translation>`tmr restore` を完了するか、3 台すべてのアップストリームで新しく作成してください: docs/backup.md。</translation>
    </message>
    <message>
      <source>Finish it: `ansible-playbook playbooks/rolling_upgrade.yml`.</source>
      <extracomment>problem versions-differ</extracomment>
      <translation>`ansible-playbook playbooks/rolling_upgrade.yml` で更新を完了してください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Firm</source>
      <translation>ファーム</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/streams.py" />
      <source>Follow</source>
      <translation>追従</translation>
    </message>
    <message>
      <source>Follow docs/replacing.md, "A disk was put back": the problems below name it.</source>
      <extracomment>problem not-serving</extracomment>
      <translation>docs/replacing.md の「A disk was put back」に従ってください。対象は下の問題に示されています。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/commands.py" />
      <source>Follow: {table}</source>
      <translation>追従: {table}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>For</source>
      <translation>保持時間</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/tray.py" />
      <source>Further new alerts: {n}</source>
      <translation>その他の新しいアラート: {n}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Generation {generation} of lease {lease} is not the present one, {present}; {remedy}</source>
      <translation>リース {lease} の世代 {generation} は現在の世代 {present} ではありません。{remedy}</translation>
    </message>
    <message>
      <source>Get a new one: `tmr time update {host} --why …`.</source>
      <extracomment>problem certified-age</extracomment>
      <translation>新しい認証時刻を取得してください: `tmr time update {host} --why …`</translation>
    </message>
    <message>
      <source>Get certified time for two containers: `tmr time update --all --why …`.</source>
      <extracomment>problem log-time-ahead</extracomment>
      <translation>2 つのコンテナの認証時刻を `tmr time update --all --why …` で取得してください。</translation>
    </message>
    <message>
      <source>Get one for two containers: `tmr time update --all --why …`.</source>
      <extracomment>problem licence-rests</extracomment>
      <translation>2 つのコンテナについて `tmr time update --all --why …` で取得してください。</translation>
    </message>
    <message>
      <source>Give it a minute; if it stays so, read `tmr logs --host {host}`.</source>
      <extracomment>problem upstream-apart</extracomment>
      <translation>1 分待ち、変わらなければ `tmr logs --host {host}` を読んでください。</translation>
    </message>
    <message>
      <source>Give the vendor the backup, and the key of what was lost or else the ledger id (`tmr status --json`), and import the update that confirms the counter.</source>
      <extracomment>problem units-unconfirmed</extracomment>
      <translation>ベンダーにバックアップと、失われたもののキー、またはそれがなければ台帳 ID (`tmr status --json`) を渡し、カウンターを確認する更新をインポートしてください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Given back, and kept for their users for a while: {count}</source>
      <translation>返却後、しばらくユーザーのために保持されている数: {count}</translation>
    </message>
    <message>
      <source>Have this computer's clock kept by a time daemon, and compare again.</source>
      <extracomment>problem clock-off</extracomment>
      <translation>このコンピューターの時計を時刻デーモンで合わせ、もう一度比べてください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Held longest</source>
      <translation>最長保持</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>Host</source>
      <translation>ホスト</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/pages.py" />
      <source>Hosts</source>
      <translation>ホスト</translation>
    </message>
    <message>
      <source>Hosts run different versions: {versions}</source>
      <extracomment>problem versions-differ</extracomment>
      <translation>ホストのバージョンが異なります: {versions}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>How often</source>
      <translation>回数</translation>
    </message>
    <message>
      <source>If it is meant to vote, have it admitted: `tmr replace-upstream`.</source>
      <extracomment>problem store-no-vote</extracomment>
      <translation>投票させるには、`tmr replace-upstream` で受け入れてください。</translation>
    </message>
    <message>
      <source>If it stays so, look at the links from both TMR hosts to the upstreams.</source>
      <extracomment>problem two-active</extracomment>
      <translation>変わらなければ、両方の TMR ホストからアップストリームへのリンクを調べてください。</translation>
    </message>
    <message>
      <source>If the upgrade is to stay, put them in force: `tmr rules raise --why …`.</source>
      <extracomment>problem rules-to-raise</extracomment>
      <translation>アップグレードをこのまま使うなら、ルールを有効にしてください: `tmr rules raise --why …`。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/certify.py" />
      <source>If the vendor has blocked the container as lost, it learns so by this and locks itself. Licences stay usable as long as two of three containers are not locked.</source>
      <translation>ベンダーがコンテナを紛失として失効させている場合、コンテナはこの操作でそれを知り、自らをロックします。3 つのうち 2 つがロックされていなければライセンスは使えます。</translation>
    </message>
    <message>
      <source>If you moved it, there is nothing to do: the notice ends after a week. If not, somebody runs a copy of it: look who has access to {host}, and tell the vendor, who can block it.</source>
      <extracomment>problem container-elsewhere</extracomment>
      <translation>自分で移したのであれば何もする必要はなく、この通知は 1 週間で消えます。そうでなければ誰かがコピーを動かしています。{host} に誰がアクセスできるかを調べ、ブロックできるベンダーに知らせてください。</translation>
    </message>
    <message>
      <source>If {host} runs an earlier version, upgrade it; else read its log.</source>
      <extracomment>problem report-old</extracomment>
      <translation>{host} のバージョンが古ければ更新し、そうでなければログを読んでください。</translation>
    </message>
    <message>
      <source>Import the vendor's update at the other upstreams: `tmr container import`.</source>
      <extracomment>problem licence-twin</extracomment>
      <translation>ベンダーの更新をほかのアップストリームで取り込んでください: `tmr container import`。</translation>
    </message>
    <message>
      <source>Import the vendor's update at the upstreams that are named: `tmr container import`.</source>
      <extracomment>problem licence-twin</extracomment>
      <translation>挙げたアップストリームでベンダーの更新を取り込んでください: `tmr container import`。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <source>In the last minute: {granted} check-outs, {denied} denials. The newest {most} events are kept.</source>
      <translation>直近 1 分間: チェックアウト {granted} 件、拒否 {denied} 件。最新の {most} 件を保持します。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>Information and worse</source>
      <translation>情報以上</translation>
    </message>
    <message>
      <source>Install a release on {host} that knows the rules in force: `ansible-playbook playbooks/rolling_upgrade.yml`.</source>
      <extracomment>problem host-outdated</extracomment>
      <translation>有効なルールに対応したリリースを {host} にインストールしてください: `ansible-playbook playbooks/rolling_upgrade.yml`。</translation>
    </message>
    <message>
      <source>Install a release that knows the rules in force: `ansible-playbook playbooks/rolling_upgrade.yml`.</source>
      <extracomment>problem not-serving</extracomment>
      <translation>有効なルールに対応したリリースをインストールしてください: `ansible-playbook playbooks/rolling_upgrade.yml`。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Interruption of each switch, in milliseconds</source>
      <translation>各切り替えの中断時間 (ミリ秒)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Interruption of the last switches</source>
      <translation>最近の切り替えの中断時間</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Is what {who} borrowed lost?</source>
      <translation>{who} が借りたものは紛失しましたか?</translation>
    </message>
    <message>
      <source>Issue it anew: `ansible-playbook playbooks/site.yml --tags pki`.</source>
      <extracomment>problem certificate-misfit</extracomment>
      <translation>`ansible-playbook playbooks/site.yml --tags pki` で発行し直してください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>It could not be written: {why}.</source>
      <translation>保存できませんでした: {why}。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/dialogs.py" />
      <source>It is the same: trust it</source>
      <translation>一致している: 信頼する</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>It is written off already.</source>
      <translation>すでに紛失として記録されています。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/dialogs.py" />
      <source>Its key's fingerprint is

{fingerprint}

Compare it with what the host's administrator says. If it is another one, somebody may be listening in between.</source>
      <translation>鍵のフィンガープリント:

{fingerprint}

ホストの管理者が示す値と比べてください。異なる場合は、途中で盗聴されているおそれがあります。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/streams.py" />
      <source>Keep the newest line in sight</source>
      <translation>最新の行を常に表示</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>Keys: A acknowledges, S snoozes, R reopens, Enter shows the cause. Thresholds: [alerts] in monitor.toml.</source>
      <translation>キー: A 確認済み、S 一時停止、R 再開、Enter 原因を表示。しきい値: monitor.toml の [alerts]。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <location filename="../../monitor_gui/qt/failover.py" />
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>Kind</source>
      <translation>種類</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <source>Kind of event</source>
      <translation>イベントの種類</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>Language of the desktop</source>
      <translation>デスクトップの言語</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>Last answer</source>
      <translation>最終応答</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Last heartbeat</source>
      <translation>最終ハートビート</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>Lasted</source>
      <translation>継続時間</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Lease</source>
      <translation>リース</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/commands.py" />
      <source>Lease of {user} at {host}: {product}</source>
      <translation>{host} の {user} のリース: {product}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Lease {lease} waits at place {place}, not {generation}; {remedy}</source>
      <translation>リース {lease} は待ち順 {place} で待っています（{generation} ではありません）。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Lease {lease} was checked in; {remedy}</source>
      <translation>リース {lease} は返却済みです。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Lease {lease} was checked out by another request; {remedy}</source>
      <translation>リース {lease} は別の要求でチェックアウトされています。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Lease {lease} was expired for want of heartbeats; {remedy}</source>
      <translation>リース {lease} はハートビート切れで終了しました。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Lease {lease} was released by an operator; {remedy}</source>
      <translation>リース {lease} はオペレーターが解放しました。{remedy}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Leases</source>
      <translation>リース</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Leases of one station share a seat, if their mode allows it.</source>
      <translation>モードが許せば、同じ端末のリースはシートを共有します。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>Least level</source>
      <translation>最低レベル</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>Ledger</source>
      <translation>台帳</translation>
    </message>
    <message>
      <source>Let IP protocol 112 pass between the two TMR hosts, by multicast or by vip_unicast.</source>
      <extracomment>problem adverts-not-heard</extracomment>
      <translation>2 台の TMR ホスト間で IP プロトコル 112 を通してください (マルチキャストまたは vip_unicast)。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Let {host} serve?</source>
      <translation>{host} にサービスを引き継がせますか?</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>Level</source>
      <translation>レベル</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>Library</source>
      <translation>ライブラリ</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>Licence</source>
      <translation>ライセンス</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) cannot be used: fewer than two of its twins count</source>
      <extracomment>problem licence-unusable</extracomment>
      <translation>ライセンス {licence} ({name}) は使用不可: 有効なツインが 2 つ未満です</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) cannot be used: fewer than two of its twins count ({twins})</source>
      <extracomment>problem licence-unusable</extracomment>
      <translation>ライセンス {licence} ({name}) は使用不可: 有効なツインが 2 つ未満です ({twins})</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) expires in {left_s}</source>
      <extracomment>problem licence-expiry</extracomment>
      <translation>ライセンス {licence} ({name}) はあと {left_s}で期限切れ</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) has expired</source>
      <extracomment>problem licence-expiry</extracomment>
      <translation>ライセンス {licence} ({name}) は期限切れです</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) has none of its {issued} units left</source>
      <extracomment>problem units-gone</extracomment>
      <translation>ライセンス {licence} ({name}) のユニット {issued} はすべて使い切りました</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) has {free} of {quantity} seats free</source>
      <extracomment>problem seats-low</extracomment>
      <translation>ライセンス {licence} ({name}) の空きシート: {free} / {quantity}</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) has {left} of {issued} units left</source>
      <extracomment>problem units-low</extracomment>
      <translation>ライセンス {licence} ({name}) の残りユニット: {left} / {issued}</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) is not whole: fewer than two containers hold it</source>
      <extracomment>problem licence-twin</extracomment>
      <translation>ライセンス {licence} ({name}) は不完全です。保持するコンテナが 2 つ未満です</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) is not whole: {twins}</source>
      <extracomment>problem licence-twin</extracomment>
      <translation>ライセンス {licence} ({name}) は不完全です: {twins}</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) needs a newer certified time within {left_s}</source>
      <extracomment>problem licence-rests</extracomment>
      <translation>ライセンス {licence} ({name}) には {left_s}以内に新しい認証時刻が必要です</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) rests until there is a newer certified time</source>
      <extracomment>problem licence-rests</extracomment>
      <translation>ライセンス {licence} ({name}) は新しい認証時刻を得るまで休止中です</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) rests: its vendor wants containers that are bound more firmly than those that hold it</source>
      <extracomment>problem licence-rests</extracomment>
      <translation>ライセンス {licence} ({name}) は休止中です: ベンダーは、保持しているものより強く束縛されたコンテナを求めています</translation>
    </message>
    <message>
      <source>Licence {licence} ({name}) rests: this system was restored from a backup or put back, and its unit counter is not confirmed</source>
      <extracomment>problem units-unconfirmed</extracomment>
      <translation>ライセンス {licence} ({name}) は休止中です: このシステムはバックアップから復元されたか以前の状態に戻されており、ユニットカウンターが確認されていません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Licence {licence} may be borrowed for {most} at most, and {wanted} were asked for; {remedy}</source>
      <translation>ライセンス {licence} を借りられるのは最長 {most} ですが、{wanted} が求められました。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Licence {licence} may not be borrowed: its vendor does not allow it; {remedy}</source>
      <translation>ライセンス {licence} は借りられません。ベンダーが許可していません。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Licence {licence} would have {left} seats in container {serial}, and {seats} of it are borrowed until {until}: import the update once they are back</source>
      <translation>ライセンス {licence} はコンテナ {serial} で {left} シートになりますが、{seats} シートが {until} まで貸し出し中です。返却された後で更新を取り込んでください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Licences</source>
      <translation>ライセンス</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Licences and leases as of {age}.</source>
      <translation>ライセンスとリース: {age} 時点。</translation>
    </message>
    <message>
      <source>Licences would live on by it. See what holds the time of {host} back: a virtual machine that is starved, or somebody; then `tmr time update {host} --why …`.</source>
      <extracomment>problem clock-slow</extracomment>
      <translation>これによりライセンスの期限が延びます。{host} の時刻を遅らせている原因 (資源不足の仮想マシン、または人為的な操作) を調べ、その後 `tmr time update {host} --why …` を実行してください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>Light</source>
      <translation>ライト</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Line {line} of the access rules allows {most} seats of {product}, and {held} are taken under it (version {version}); {remedy}</source>
      <translation>アクセス規則の {line} 行目は {product} を {most} シートまで許可しており、{held} シートが使用中です (バージョン {version})。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Line {line} of the access rules denies {product} to whoever asks here (version {version}); {remedy}</source>
      <translation>アクセス規則の {line} 行目により、この要求元は {product} を利用できません (バージョン {version})。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Line {line} of the access rules reserves the free seats of {product} for others (version {version}); {remedy}</source>
      <translation>アクセス規則の {line} 行目により、{product} の空きシートは他の利用者のために予約されています (バージョン {version})。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Line {line}, column {column}: with this more seats of {product} are reserved than the {quantity} that there are; reserve fewer</source>
      <translation>{line} 行 {column} 列: これにより {product} の予約が全 {quantity} シートを超えます。予約を減らしてください</translation>
    </message>
    <message>
      <source>Log time, with which licences are compared, is {ahead_s} ahead of the containers' clocks</source>
      <extracomment>problem log-time-ahead</extracomment>
      <translation>ライセンスの判定に使うログ時刻が、コンテナの時計より {ahead_s}進んでいます</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <location filename="../../monitor_gui/qt/pages.py" />
      <source>Logs</source>
      <translation>ログ</translation>
    </message>
    <message>
      <source>Look at `chronyc sources` there: a host needs a time source it can reach; in a lab there is none.</source>
      <extracomment>problem clock-unsynchronised</extracomment>
      <translation>そこで `chronyc sources` を調べてください。ホストには到達できる時刻源が必要です。ラボにはありません。</translation>
    </message>
    <message>
      <source>Look at the clock of {host} (`timedatectl`): put right, it brings the host back. If it is right already, read `journalctl -u tmr-upstream` there.</source>
      <extracomment>problem upstream-down</extracomment>
      <translation>{host} の時計を調べてください (`timedatectl`)。直せばホストは復帰します。既に正しければ、そこで `journalctl -u tmr-upstream` を読んでください。</translation>
    </message>
    <message>
      <source>Look at the disk and the load of {host}, and at the network to it.</source>
      <extracomment>problem upstream-behind</extracomment>
      <translation>{host} のディスクと負荷、そこへのネットワークを調べてください。</translation>
    </message>
    <message>
      <source>Look at the network and the packet filter between the two TMR hosts, and at their clocks and certificates.</source>
      <extracomment>problem twins-apart</extracomment>
      <translation>2 台の TMR ホスト間のネットワークとパケットフィルター、および両ホストの時計と証明書を調べてください。</translation>
    </message>
    <message>
      <source>Look at the network between {host} and the upstreams, and at its clock and certificate.</source>
      <extracomment>problem standby-cut-off</extracomment>
      <translation>{host} とアップストリームの間のネットワーク、および {host} の時計と証明書を調べてください。</translation>
    </message>
    <message>
      <source>Look at tmr-server.service on both TMR hosts, and at the network to them.</source>
      <extracomment>problem no-answer</extracomment>
      <translation>両方の TMR ホストの tmr-server.service と、そこへのネットワークを調べてください。</translation>
    </message>
    <message>
      <source>Look at tmr-vip.service on both TMR hosts.</source>
      <extracomment>problem address-nowhere</extracomment>
      <translation>両方の TMR ホストで tmr-vip.service を調べてください。</translation>
    </message>
    <message>
      <source>Look for it first; `tmr upstream init` makes an empty one, which has to be admitted: see docs/deployment.md on replacing a host.</source>
      <extracomment>problem store-missing</extracomment>
      <translation>まず探してください。`tmr upstream init` は空のストアを作りますが、受け入れが必要です。docs/deployment.md のホスト交換の項を参照してください。</translation>
    </message>
    <message>
      <source>Look whether VRRP (protocol 112) passes between the two, then restart tmr-vip.service on the one that does not serve.</source>
      <extracomment>problem address-twice</extracomment>
      <translation>両者間で VRRP (プロトコル 112) が通るか調べ、稼働していない側の tmr-vip.service を再起動してください。</translation>
    </message>
    <message>
      <source>Look whether {host} has power and network, then at tmr-server.service on it.</source>
      <extracomment>problem tmr-down</extracomment>
      <translation>{host} の電源とネットワークを確認し、次にそこの tmr-server.service を調べてください。</translation>
    </message>
    <message>
      <source>Look whether {host} has power and network, then at tmr-upstream.service on it.</source>
      <extracomment>problem upstream-down</extracomment>
      <translation>{host} の電源とネットワークを確認し、次にそこの tmr-upstream.service を調べてください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>Made with</source>
      <translation>使用ライブラリ</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Maintenance</source>
      <translation>メンテナンス</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Maintenance of {host}…</source>
      <translation>{host} のメンテナンス…</translation>
    </message>
    <message>
      <source>Make room on {host}: `journalctl --vacuum-size=200M`, old releases in /opt/tmr, or a larger disk.</source>
      <extracomment>problem disk</extracomment>
      <translation>{host} の空きを増やしてください: `journalctl --vacuum-size=200M`、/opt/tmr の古いリリースの削除、またはより大きなディスク。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Mean</source>
      <translation>平均</translation>
    </message>
    <message>
      <source>Mend or renew the main licence of this product (`tmr licences`), or ask the vendor; a program keeps its seat until it checks out anew.</source>
      <extracomment>problem emergency-licence</extracomment>
      <translation>この製品のメインライセンスを復旧または更新するか (`tmr licences`)、ベンダーに問い合わせてください。プログラムは改めてチェックアウトするまで現在のシートを保持します。</translation>
    </message>
    <message>
      <source>Mend what it says; on {host} `tmr container explain` shows what holds the key, and docs/containers.md says what may change. It is tried again by itself.</source>
      <extracomment>problem container-shut</extracomment>
      <translation>表示された原因を取り除いてください。{host} で `tmr container explain` を実行すると鍵が何に保持されているかが分かり、何が変わってもよいかは docs/containers.md にあります。再試行は自動で行われます。</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>More than {most} access rules count the seats of {product} for whoever asks here; {remedy}</source>
      <translation>この要求元の {product} のシートを数えるアクセス規則が {most} 件を超えています。{remedy}</translation>
    </message>
    <message>
      <source>Move it to such containers (`tmr container explain` shows how these are bound), or ask the vendor to change that.</source>
      <extracomment>problem licence-rests</extracomment>
      <translation>そのようなコンテナへ移すか (現在の束縛は `tmr container explain` で確認できます)、ベンダーに変更を依頼してください。</translation>
    </message>
    <message>
      <source>Name the TMR hosts in the client profile.</source>
      <extracomment>problem no-answer</extracomment>
      <translation>クライアントプロファイルに TMR ホストを記入してください。</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Name the token's PKCS#11 module: it comes with the token's driver</source>
      <translation>トークンの PKCS#11 モジュールを指定してください: トークンのドライバーに付属しています</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>Next page</source>
      <translation>次のページ</translation>
    </message>
    <message>
      <source>No TMR host answers ({silent})</source>
      <extracomment>problem no-answer</extracomment>
      <translation>応答する TMR ホストがありません ({silent})</translation>
    </message>
    <message>
      <source>No TMR host answers: none is known</source>
      <extracomment>problem no-answer</extracomment>
      <translation>応答する TMR ホストがありません。ホストが 1 台も登録されていません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>No TMR host serves, so there is nothing to switch over.</source>
      <translation>稼働中の TMR ホストがないため、切り替えできません。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/certify.py" />
      <source>No TMR host serves: there is nobody to ask the containers.</source>
      <translation>稼働中の TMR ホストがなく、コンテナに問い合わせできません。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>No TMR host serves: there is nobody to record it.</source>
      <translation>稼働中の TMR ホストがなく、記録できません。</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>No access rule allows {product} to whoever asks here (version {version}); {remedy}</source>
      <translation>この要求元に {product} を許可するアクセス規則がありません (バージョン {version})。{remedy}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>No alert is open.</source>
      <translation>未解決のアラートはありません。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>No certified time for {failed}.</source>
      <translation>{failed} の認証時刻を取得できませんでした。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>No clock is known yet: the active TMR host has not answered.</source>
      <translation>時計の情報がまだありません。アクティブな TMR ホストが応答していません。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>No connection is set up yet: add one, or start the demo.</source>
      <translation>接続先がまだありません。追加するか、デモを開始してください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>No container is known yet: no TMR host has answered.</source>
      <translation>コンテナの情報がまだありません。TMR ホストが応答していません。</translation>
    </message>
    <message>
      <source>No host holds the address {address}, so no client gets through</source>
      <extracomment>problem address-nowhere</extracomment>
      <translation>アドレス {address} を保持するホストがなく、クライアントが接続できません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <source>No host is known yet: no TMR host has answered.</source>
      <translation>ホストの情報がまだありません。TMR ホストが応答していません。</translation>
    </message>
    <message>
      <source>No licence can be taken: fewer than two containers are left, without those of {hosts}</source>
      <extracomment>problem not-serving</extracomment>
      <translation>ライセンスを取得できません: {hosts} のコンテナを欠き、残りが 2 つ未満です</translation>
    </message>
    <message>
      <source>No licence can be taken: no TMR host is known to serve</source>
      <extracomment>problem not-serving</extracomment>
      <translation>ライセンスを取得できません: 稼働中と分かる TMR ホストがありません</translation>
    </message>
    <message>
      <source>No licence can be taken: no ledger is founded ({why})</source>
      <extracomment>problem not-serving</extracomment>
      <translation>ライセンスを取得できません: 台帳が作成されていません ({why})</translation>
    </message>
    <message>
      <source>No licence can be taken: quorum lost, no answer from {hosts}</source>
      <extracomment>problem not-serving</extracomment>
      <translation>ライセンスを取得できません: クォーラム喪失、{hosts} が応答しません</translation>
    </message>
    <message>
      <source>No licence can be taken: quorum lost, without {hosts}</source>
      <extracomment>problem not-serving</extracomment>
      <translation>ライセンスを取得できません: {hosts} を欠き、クォーラム喪失</translation>
    </message>
    <message>
      <source>No licence can be taken: the releases of {hosts} do not know the rules that are in force</source>
      <extracomment>problem not-serving</extracomment>
      <translation>ライセンスを取得できません: {hosts} のリリースが有効なルールに対応していません</translation>
    </message>
    <message>
      <source>No licence can be taken: there are two logs, both vouched for, and nobody may choose one</source>
      <extracomment>problem not-serving</extracomment>
      <translation>ライセンスを取得できません: 保証された 2 つのログがあり、どちらも選べません</translation>
    </message>
    <message>
      <source>No licence can be taken: {host} has the address and takes a term</source>
      <extracomment>problem not-serving</extracomment>
      <translation>ライセンスを取得できません: {host} がアドレスを持ち、任期を取得中です</translation>
    </message>
    <message>
      <source>No licence can be taken: {host} has the address and takes a term ({why})</source>
      <extracomment>problem not-serving</extracomment>
      <translation>ライセンスを取得できません: {host} がアドレスを持ち、任期を取得中です ({why})</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>No licence is known yet: none was imported, or no TMR host has answered.</source>
      <translation>ライセンスの情報がまだありません。未インポートか、TMR ホストが応答していません。</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>No licence of {product} that this lease may use has a unit counter; {remedy}</source>
      <translation>このリースが使える {product} のライセンスにはユニットカウンターがありません。{remedy}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>No licence was imported.</source>
      <translation>取り込まれたライセンスはありません。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>No line has come yet: the hosts tell their logs to operators only.</source>
      <translation>ログがまだありません。ホストはオペレーターにだけログを渡します。</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>No seat of {product} became free in {waited_s} s; {remedy}</source>
      <translation>{waited_s} 秒間に {product} のシートは空きませんでした。{remedy}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>No switch has been seen yet. One usually takes about a second.</source>
      <translation>切り替えはまだ観測されていません。通常は約 1 秒です。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/alerts.py" />
      <source>No system is chosen</source>
      <translation>システムが選択されていません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>No time server is known. The upstreams' settings name them; certified times and blocks come from there.</source>
      <translation>タイムサーバーが不明です。アップストリームの設定で指定され、認証時刻と失効情報を提供します。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Nobody can check this licence out: {why}.</source>
      <translation>このライセンスは誰もチェックアウトできません: {why}。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Nobody can connect by this: {why}.</source>
      <translation>これでは接続できません: {why}。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Nobody holds a lease.</source>
      <translation>リースはありません。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Nobody was denied anything.</source>
      <translation>拒否された人はいません。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>None has ended yet.</source>
      <translation>終了したものはまだありません。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/alerts.py" />
      <source>Not connected to {name}: {why}</source>
      <translation>{name} に接続していません: {why}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/context.py" />
      <source>Not connected.</source>
      <translation>接続していません。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>Not connected: nothing was done.</source>
      <translation>接続していないため、何も行いませんでした。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/alerts.py" />
      <source>Not connected: {why}</source>
      <translation>接続していません: {why}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Not known yet: no TMR host has told them.</source>
      <translation>まだ不明です。TMR ホストからの情報がありません。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/verdict.py" />
      <source>Not serving: {what}</source>
      <translation>停止中: {what}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <source>Nothing has happened since this monitor began to listen.</source>
      <translation>このモニターの受信開始後、何も起きていません。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Nothing has happened since this monitor began to watch.</source>
      <translation>このモニターの監視開始後、何も起きていません。</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Nothing is borrowed here under this key; {remedy}</source>
      <translation>この鍵で借りられているものはここにありません。{remedy}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/command_palette.py" />
      <source>Nothing is found for this.</source>
      <translation>該当するものはありません。</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Nothing is lent now, since log time is not within an hour of what certified time says; {remedy}</source>
      <translation>ログ時刻が認証時刻から 1 時間以上ずれているため、今は貸し出しできません。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Nothing is lent now, since the certified time is older than seven days; {remedy}</source>
      <translation>認証時刻が 7 日より古いため、今は貸し出しできません。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Nothing is lent now, since there is no certified time; {remedy}</source>
      <translation>認証時刻がないため、今は貸し出しできません。{remedy}</translation>
    </message>
    <message>
      <source>Nothing keeps the clocks of these hosts right: {hosts}</source>
      <extracomment>problem clock-unsynchronised</extracomment>
      <translation>次のホストの時計を合わせるものがありません: {hosts}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>Nothing of {product} is free before the loan ends, since nobody knows who uses it. Until then {who} borrows nothing more.</source>
      <translation>誰が使っているか分からないため、貸出が終わるまで {product} は空きません。それまで {who} は新たに借りられません。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/alerts.py" />
      <source>Nothing to do: the first answer is awaited.</source>
      <translation>操作は不要です。最初の応答を待っています。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Now</source>
      <translation>現在</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>Offset</source>
      <translation>ずれ</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>Offsets over the last five minutes</source>
      <translation>直近 5 分間のずれ</translation>
    </message>
    <message>
      <source>On {host} raise `archive_mib_max`, or lower `archive_days`, or copy the oldest segments away regularly: docs/archive.md.</source>
      <extracomment>problem archive</extracomment>
      <translation>{host} で `archive_mib_max` を上げるか `archive_days` を下げるか、最も古いセグメントを定期的に別の場所へ写してください: docs/archive.md。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Options</source>
      <translation>オプション</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/pages.py" />
      <source>Overview</source>
      <translation>概要</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>Pages</source>
      <translation>ページ</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>Part</source>
      <translation>役割</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Peak</source>
      <translation>ピーク</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Planned switchover</source>
      <translation>計画切り替え</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>Plot of the clocks' offsets from the vote</source>
      <translation>投票時刻からの時計のずれのグラフ</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Plot of the seats in use</source>
      <translation>使用中シートのグラフ</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>Previous page</source>
      <translation>前のページ</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/verdict.py" />
      <source>Probably serving: {what}</source>
      <translation>おそらく稼働中: {what}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Process</source>
      <translation>プロセス</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Product</source>
      <translation>製品</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Profile {path}, {route}.</source>
      <translation>プロファイル {path}、{route}。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Profiles (*.toml)</source>
      <translation>プロファイル (*.toml)</translation>
    </message>
    <message>
      <source>Put it right in the inventory and run playbooks/site.yml again.</source>
      <extracomment>problem settings</extracomment>
      <translation>インベントリを直し、playbooks/site.yml をもう一度実行してください。</translation>
    </message>
    <message>
      <source>Put the clock of {host} right; a time that is ahead comes back only by `tmr time update {host} --why …`.</source>
      <extracomment>problem clock-off</extracomment>
      <translation>{host} の時計を直してください。進んだ時刻は `tmr time update {host} --why …` でしか戻りません。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>Quit</source>
      <translation>終了</translation>
    </message>
    <message>
      <source>Read `journalctl -u tmr-vip` on {host}.</source>
      <extracomment>problem vrrp</extracomment>
      <translation>{host} で `journalctl -u tmr-vip` を読んでください。</translation>
    </message>
    <message>
      <source>Read `journalctl -u {unit} -p warning` for why it ends.</source>
      <extracomment>problem unit-restarts</extracomment>
      <translation>終了の理由を `journalctl -u {unit} -p warning` で確認してください。</translation>
    </message>
    <message>
      <source>Read `journalctl -u {unit}`, then `systemctl start {unit}`.</source>
      <extracomment>problem unit-down</extracomment>
      <translation>`journalctl -u {unit}` を読み、次に `systemctl start {unit}` を実行してください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Read-only: nothing can be changed from this window</source>
      <translation>読み取り専用: このウィンドウからは何も変更できません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <location filename="../../monitor_gui/qt/dialogs.py" />
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Reason</source>
      <translation>理由</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/dialogs.py" />
      <source>Reason (recorded in the ledger, with your name):</source>
      <translation>理由 (あなたの名前とともに台帳に記録されます):</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>Recorded; {host} is taking over.</source>
      <translation>記録しました。{host} が引き継ぎます。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>Refused: {why}.</source>
      <translation>拒否されました: {why}。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Release</source>
      <translation>解放</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Release a lease by force</source>
      <translation>リースの強制解放</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Release by force…</source>
      <translation>強制解放…</translation>
    </message>
    <message>
      <source>Renew it: `ansible-playbook playbooks/site.yml --tags pki`, or playbooks/rotate_certificates.yml for all.</source>
      <extracomment>problem certificate</extracomment>
      <translation>`ansible-playbook playbooks/site.yml --tags pki` で更新してください。全ホストなら playbooks/rotate_certificates.yml です。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>Reopen</source>
      <translation>再開</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Request {number} is out of order: the next number on this lease is {expected}</source>
      <translation>要求 {number} は順番どおりではありません: このリースの次の番号は {expected} です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Request {number} on this lease asked for {units} units of product {product}; repeat it unchanged, or use the next number</source>
      <translation>このリースの要求 {number} は製品 {product} の {units} ユニットを求めたものです。そのまま再送するか、次の番号を使ってください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Request {number} on this lease is no open reservation; {remedy}</source>
      <translation>このリースの要求 {number} は未精算の予約ではありません。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Request {number} on this lease reserved {units} units, and {used} are said to be used; {remedy}</source>
      <translation>このリースの要求 {number} は {units} ユニットを予約しましたが、使用量は {used} と申告されています。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Request {number} on this lease was settled before, with {used} units used; repeat that unchanged, or leave it</source>
      <translation>このリースの要求 {number} は使用量 {used} ユニットで精算済みです。そのまま再送するか、取りやめてください</translation>
    </message>
    <message>
      <source>Reserve fewer (`tmr access show`, then `tmr access apply`), or ask the vendor for more seats.</source>
      <extracomment>problem over-reserved</extracomment>
      <translation>予約を減らすか (`tmr access show` の後に `tmr access apply`)、ベンダーにシートの追加を依頼してください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Reserved, and given back if they are not used: {count}</source>
      <translation>予約済み（使われなければ戻されます）: {count}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Role</source>
      <translation>役割</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Rules {version} wait for {hosts}: upgrade {hosts}, then `tmr rules raise`</source>
      <translation>ルール {version} は {hosts} を待っています: {hosts} をアップグレードしてから `tmr rules raise` を実行してください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <source>Running for</source>
      <translation>稼働時間</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>SSH &amp;key file</source>
      <translation>SSH 鍵ファイル(&amp;K)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>STALE, last answer {age}</source>
      <translation>古い情報、最終応答 {age}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>STALE: as of {age} ({why}).</source>
      <translation>古い情報: {age} 時点 ({why})。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/page.py" />
      <source>STALE: as told by {host}, {age}.</source>
      <translation>古い情報: {host} による、{age}。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>STALE: licences and leases as of {age} ({why}).</source>
      <translation>古い情報: ライセンスとリースは {age} 時点 ({why})。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>STALE: licences and leases as of {age}.</source>
      <translation>古い情報: ライセンスとリースは {age} 時点。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Save all the same</source>
      <translation>それでも保存</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>Save the diagnostics bundle</source>
      <translation>診断パッケージの保存</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Seats</source>
      <translation>シート</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Seats by licence</source>
      <translation>ライセンス別シート</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Seats in use of all licences</source>
      <translation>全ライセンスの使用中シート</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Seats in use of {product}</source>
      <translation>{product} の使用中シート</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>Seats used</source>
      <translation>使用中シート</translation>
    </message>
    <message>
      <source>See to the reason that is named: a host is there.</source>
      <extracomment>problem no-answer, address-silent</extracomment>
      <translation>示された原因に対処してください。ホストは応答しています。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Select a lease first.</source>
      <translation>先にリースを選択してください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/commands.py" />
      <source>Select a row first.</source>
      <translation>先に行を選択してください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>Serial</source>
      <translation>シリアル</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/verdict.py" />
      <source>Serving on two of three: {what}</source>
      <translation>3 台中 2 台で稼働中: {what}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/verdict.py" />
      <source>Serving, but: {what}</source>
      <translation>稼働中、ただし: {what}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/verdict.py" />
      <source>Serving: {active} is active, all three upstreams answer</source>
      <translation>稼働中: {active} がアクティブ、アップストリーム 3 台すべて応答</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>Show the alerts</source>
      <translation>アラートを表示</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>Show the cause</source>
      <translation>原因を表示</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Since</source>
      <translation>開始</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>Since the last switch</source>
      <translation>最後の切り替えから</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>Snooze</source>
      <translation>一時停止</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>Something else is borrowed under this key; repeat that request unchanged, or draw a new key</source>
      <translation>この鍵では別のものが借りられています。その要求をそのまま繰り返すか、新しい鍵を作ってください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Start the &amp;demo</source>
      <translation>デモを開始(&amp;D)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/commands.py" />
      <source>Start the demo</source>
      <translation>デモを開始</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <location filename="../../monitor_gui/qt/clocks.py" />
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>State</source>
      <translation>状態</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Station</source>
      <translation>端末</translation>
    </message>
    <message>
      <source>Stop it for good: `systemctl mask --now {unit}`.</source>
      <extracomment>problem unit-foreign</extracomment>
      <translation>`systemctl mask --now {unit}` で完全に停止してください。</translation>
    </message>
    <message>
      <source>Stop tmr-upstream.service on {host}, look after its disk, set the store aside with `tmr upstream init --again --config FILE`, and have the new one admitted.</source>
      <extracomment>problem store-damaged</extracomment>
      <translation>{host} の tmr-upstream.service を停止し、ディスクを調べ、`tmr upstream init --again --config FILE` でストアを退避し、新しいものを受け入れてください。</translation>
    </message>
    <message>
      <source>Stop {host} and keep its disk: it may know what the others lost. Then read docs/replacing.md, "A disk was put back".</source>
      <extracomment>problem upstream-apart</extracomment>
      <translation>{host} を停止し、ディスクを保管してください。ほかが失ったものが残っている可能性があります。その後 docs/replacing.md の「A disk was put back」を読んでください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Switch over</source>
      <translation>切り替え</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Switch over…</source>
      <translation>切り替え…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>System time</source>
      <translation>システム時刻</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>System time minus the vote of the three</source>
      <translation>システム時刻と 3 台の投票時刻との差</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Systems</source>
      <translation>システム</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>TMR &amp;hosts</source>
      <translation>TMR ホスト(&amp;H)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>TMR host</source>
      <translation>TMR ホスト</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <location filename="../../monitor_gui/qt/window.py" />
      <source>TMR monitor</source>
      <translation>TMR モニター</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>TMR-ID</source>
      <translation>TMR-ID</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Term</source>
      <translation>ターム</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>Text</source>
      <translation>テキスト</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The PIN for the token {label} with serial number {serial} is wrong, and is not tried again, since the token would lock itself: write the right one into the PIN's file</source>
      <translation>シリアル番号 {serial} のトークン {label} の PIN が誤っています。トークンがロックされるため再試行しません: 正しい PIN をファイルに書いてください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The PIN for the token {label} with serial number {serial} is wrong: write the right one into the PIN's file. This one is not tried again</source>
      <translation>シリアル番号 {serial} のトークン {label} の PIN が誤っています: 正しい PIN をファイルに書いてください。この PIN は再試行しません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The TPM cannot be used (tpm2 {verb}: {said}): see that there is one, and that this service may open it</source>
      <translation>TPM を使用できません (tpm2 {verb}: {said}): TPM があり、このサービスが開けることを確認してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The TPM cannot be used: the package tpm2-tools is missing; install it</source>
      <translation>TPM を使用できません: パッケージ tpm2-tools がありません。インストールしてください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The TPM does not answer ({said})</source>
      <translation>TPM が応答しません ({said})</translation>
    </message>
    <message>
      <source>The archive of {host} reaches its bound of {most_bytes} with {held_days} of {wanted_days} days: the oldest entries are deleted</source>
      <extracomment>problem archive</extracomment>
      <translation>{host} のアーカイブが {wanted_days} 日中 {held_days} 日分で上限 {most_bytes} に達しました。最も古い項目から削除されます</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The block list cannot be read ({said}); fetch it again and report this</source>
      <translation>失効リストを読めません ({said})。取得し直し、この件を報告してください</translation>
    </message>
    <message>
      <source>The certificate of {host} ends in {left_s}</source>
      <extracomment>problem certificate</extracomment>
      <translation>{host} の証明書はあと {left_s}で期限切れ</translation>
    </message>
    <message>
      <source>The certificate of {host} has expired: no new connection is made</source>
      <extracomment>problem certificate</extracomment>
      <translation>{host} の証明書は期限切れです。新しい接続ができません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The certificate that asks for this was dismissed itself meanwhile</source>
      <translation>これを要求した証明書自体が、その間に無効化されました</translation>
    </message>
    <message>
      <source>The certificate {path} cannot serve {host}: it does not name {names}</source>
      <extracomment>problem certificate-misfit</extracomment>
      <translation>証明書 {path} は {host} で使えません: {names} が記載されていません</translation>
    </message>
    <message>
      <source>The certificate {path} cannot serve {host}: it is for {name} in the role {role}</source>
      <extracomment>problem certificate-misfit</extracomment>
      <translation>証明書 {path} は {host} で使えません: {name} (ロール {role}) 用です</translation>
    </message>
    <message>
      <source>The certificate {path} cannot serve {host}: the authority in ca.pem did not issue it</source>
      <extracomment>problem certificate-misfit</extracomment>
      <translation>証明書 {path} は {host} で使えません: ca.pem の認証局が発行したものではありません</translation>
    </message>
    <message>
      <source>The certificate {path} cannot serve {host}: the key beside it is another one's</source>
      <extracomment>problem certificate-misfit</extracomment>
      <translation>証明書 {path} は {host} で使えません: 隣の鍵は別の証明書のものです</translation>
    </message>
    <message>
      <source>The certificate {path} cannot serve {host}: {why}</source>
      <extracomment>problem certificate-misfit</extracomment>
      <translation>証明書 {path} は {host} に使えません: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The certified statement cannot be read ({said}); update the time again and report this</source>
      <translation>認証時刻の申告を読めません ({said})。時刻を再度更新し、この件を報告してください</translation>
    </message>
    <message>
      <source>The certified time of {host} is {age_s} old</source>
      <extracomment>problem certified-age</extracomment>
      <translation>{host} の認証時刻は {age_s}前のものです</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The certified time of {serial} was not asked for in the last {minutes} minutes of this ledger; update the time again</source>
      <translation>{serial} の認証時刻は、この台帳の直近 {minutes} 分間に要求されたものではありません。時刻を再度更新してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The change was made to version {base} of the access rules, and version {in_force} is in force: look at it with `tmr access show`, then make the change to that</source>
      <translation>変更はアクセス規則のバージョン {base} に対するものですが、有効なのはバージョン {in_force} です: `tmr access show` で確認し、それに対して変更してください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/certify.py" />
      <source>The container asks its time servers now. Its box and system time become the certified time, which may put a wrong clock right, forwards or backwards.</source>
      <translation>コンテナがタイムサーバーに問い合わせます。ボックス時刻とシステム時刻は認証時刻になり、狂った時計が前後に修正されることがあります。</translation>
    </message>
    <message>
      <source>The container of {host} is blocked: {why}</source>
      <extracomment>problem container-locked</extracomment>
      <translation>{host} のコンテナは失効しています: {why}</translation>
    </message>
    <message>
      <source>The container of {host} is held by another host, token or TPM than before (not as it was: {what})</source>
      <extracomment>problem container-elsewhere</extracomment>
      <translation>{host} のコンテナーを保持しているホスト、トークンまたは TPM が以前と異なります (以前と異なるもの: {what})</translation>
    </message>
    <message>
      <source>The container of {host} is shut: {why}. {host} takes no part meanwhile, and the next upstream lost ends the service</source>
      <extracomment>problem container-shut</extracomment>
      <translation>{host} のコンテナーは開けません: {why}。その間 {host} は参加せず、次にアップストリームが失われるとサービスは止まります</translation>
    </message>
    <message>
      <source>The container of {host} is {off_ms} off the others: its time does not count</source>
      <extracomment>problem clock-off</extracomment>
      <translation>{host} のコンテナはほかより {off_ms}ずれています。その時刻は数えられません</translation>
    </message>
    <message>
      <source>The container of {host} is {off_ms} off the others: its time does not count, but this computer's clock agrees with it: the others may be wrong together</source>
      <extracomment>problem clock-off</extracomment>
      <translation>{host} のコンテナはほかより {off_ms}ずれ、その時刻は数えられません。しかしこのコンピューターの時計とは一致するため、ほかがそろって狂っている可能性があります</translation>
    </message>
    <message>
      <source>The container's clock of {host} has stood still, or gone far too slow, for {slow_s}</source>
      <extracomment>problem clock-slow</extracomment>
      <translation>{host} のコンテナの時計が {slow_s} 止まっているか、極端に遅れて進んでいます</translation>
    </message>
    <message>
      <source>The containers of {hosts} are {apart_s} apart, and of two nobody can tell who is right: the earlier counts, which is {first}</source>
      <extracomment>problem clock-off</extracomment>
      <translation>{hosts} のコンテナは {apart_s}ずれています。2 つではどちらが正しいか分かりません。早い方の {first} が有効です</translation>
    </message>
    <message>
      <source>The containers of {hosts} are {apart_s} apart, and of two nobody can tell who is right: the earlier counts, which is {first}. This computer's clock agrees with {name}</source>
      <extracomment>problem clock-off</extracomment>
      <translation>{hosts} のコンテナは {apart_s}ずれています。2 つではどちらが正しいか分かりません。早い方の {first} が有効です。このコンピューターの時計は {name} と一致します</translation>
    </message>
    <message>
      <source>The disk of {host} has {free_bytes} of {total_bytes} free</source>
      <extracomment>problem disk</extracomment>
      <translation>{host} のディスクの空き: {total_bytes} 中 {free_bytes}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>The disk of {name} fills up.</source>
      <translation>{name} のディスクがいっぱいになります。</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The free seats of {product} are for those who wait already; {remedy}</source>
      <translation>{product} の空きシートは、すでに待っている利用者のものです。{remedy}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>The language changes when the monitor is started next.</source>
      <translation>言語は次回の起動時に切り替わります。</translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>The last {n} switches took at most {middle} (median) and {worst} (longest).</source>
      <translation>
        <numerusform>直近 {n} 回の切り替えは最大 {middle} (中央値)、{worst} (最長) でした。</numerusform>
      </translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>The lease of {who} has ended.</source>
      <translation>{who} のリースは終了しました。</translation>
    </message>
    <message>
      <source>The ledger was put back: entry {index} was committed, as {other} can prove, and is gone; lost are {entries} entries, {units} units and up to {leases} leases</source>
      <extracomment>problem ledger-rolled-back</extracomment>
      <translation>台帳が以前の状態に戻されました: 項目 {index} は確定済みであったことを {other} が証明できますが、失われています。失われたのは {entries} 件の項目、{units} ユニット、最大 {leases} 件のリースです</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The licence {product} {why}; {remedy}</source>
      <translation>ライセンス {product} {why}。{remedy}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>The maintenance of {host} has begun.</source>
      <translation>{host} のメンテナンスを開始しました。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>The maintenance of {host} has ended.</source>
      <translation>{host} のメンテナンスを終了しました。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>The other TMR host does not answer.</source>
      <translation>もう一方の TMR ホストが応答しません。</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The request is not signed with the borrower's key; {remedy}</source>
      <translation>要求が借り手の鍵で署名されていません。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The settlement of request {number} is not signed as it must; {remedy}</source>
      <translation>要求 {number} の精算に正しい署名がありません。{remedy}</translation>
    </message>
    <message>
      <source>The store of {host} has no vote: the next upstream lost ends the service</source>
      <extracomment>problem store-no-vote</extracomment>
      <translation>{host} のストアには投票権がありません。あと 1 台失うとサービスが止まります</translation>
    </message>
    <message>
      <source>The store of {host} is damaged ({why}): it takes no part, and the next upstream lost ends the service</source>
      <extracomment>problem store-damaged</extracomment>
      <translation>{host} のストアが破損し ({why})、参加していません。あと 1 台失うとサービスが止まります</translation>
    </message>
    <message>
      <source>The store of {host} is not there, though its service has run</source>
      <extracomment>problem store-missing</extracomment>
      <translation>{host} のストアがありません。サービスは動作したことがあります</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>The system now</source>
      <translation>現在のシステム</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The token {label} cannot be used ({said}): plug it in, and see that its module and its reader work</source>
      <translation>トークン {label} を使用できません ({said}): 挿して、モジュールとリーダーが動作することを確認してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The token {label} does not know Ed25519 (CKM_EDDSA), which all containers sign with: take another token</source>
      <translation>トークン {label} は、すべてのコンテナが署名に使う Ed25519 (CKM_EDDSA) に対応していません: 別のトークンを使ってください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The token {label} with serial number {serial} does not sign ({said}): it was unplugged, or has failed. Plug it in again</source>
      <translation>シリアル番号 {serial} のトークン {label} が署名しません ({said}): 抜かれたか故障しています。もう一度挿してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The token {label} with serial number {serial} has one try left before it locks itself, and that is not for a program to take: log in to it once by its maker's tool</source>
      <translation>シリアル番号 {serial} のトークン {label} はあと 1 回でロックされるため、プログラムは試しません: メーカーのツールで一度ログインしてください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The token {label} with serial number {serial} holds another key than this container's</source>
      <translation>シリアル番号 {serial} のトークン {label} にあるのはこのコンテナの鍵ではありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The token {label} with serial number {serial} holds this container's key no more: it was initialised anew</source>
      <translation>シリアル番号 {serial} のトークン {label} にこのコンテナの鍵がありません: 初期化し直されました</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The token {label} with serial number {serial} is locked, since wrong PINs were tried: unlock it by its maker's tool</source>
      <translation>シリアル番号 {serial} のトークン {label} は、誤った PIN が試されたためロックされています: メーカーのツールで解除してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The token {label} with serial number {serial} is not there: plug it in</source>
      <translation>シリアル番号 {serial} のトークン {label} がありません: 挿してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The token's PIN cannot be read from {path}</source>
      <translation>トークンの PIN を {path} から読み取れません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>The update cannot be read ({said}); ask the vendor for a new one and report this</source>
      <translation>更新を読めません ({said})。ベンダーに新しいものを依頼し、この件を報告してください</translation>
    </message>
    <message>
      <source>The usage period of licence {licence} ({name}) ends in {left_s}</source>
      <extracomment>problem usage-period</extracomment>
      <translation>ライセンス {licence} ({name}) の使用期間は残り {left_s} です</translation>
    </message>
    <message>
      <source>The usage period of licence {licence} ({name}) is over</source>
      <extracomment>problem usage-period</extracomment>
      <translation>ライセンス {licence} ({name}) の使用期間は終了しました</translation>
    </message>
    <message>
      <source>There are two logs, both vouched for: {host} signed entry {index} that {other} holds, and does not hold it any more, so the disk of {host} was put back to an earlier state</source>
      <extracomment>problem disk-put-back</extracomment>
      <translation>保証されたログが 2 つあります。{host} は {other} が保持する項目 {index} に署名しましたが、もう保持していません。{host} のディスクは以前の状態に戻されました</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>There are {count} tokens labelled {label}; give each a label of its own</source>
      <translation>ラベル {label} のトークンが {count} 個あります。それぞれに別のラベルを付けてください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>There are {count} tokens with serial number {serial}; unplug all but this container's</source>
      <translation>シリアル番号 {serial} のトークンが {count} 個あります。このコンテナのもの以外を抜いてください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>There are {n} connections, more are not possible.</source>
      <translation>接続先は {n} 件あり、これ以上追加できません。</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>There is no PIN for the token: name the file that holds it (pin_file)</source>
      <translation>トークンの PIN がありません: PIN のファイルを指定してください (pin_file)</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>There is no available licence {product} here; {remedy}</source>
      <translation>ここで利用できるライセンス {product} はありません。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>There is no lease {lease} of this client; {remedy}</source>
      <translation>このクライアントにリース {lease} はありません。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>There is no refund: nothing is known of units taken under {taking}; {remedy}</source>
      <translation>返還できません: {taking} で取得されたユニットの記録がありません。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>There is no refund: the vendor of {licence} allows {left} more units to be refunded; {remedy}</source>
      <translation>返還できません: {licence} のベンダーが認める返還は残り {left} ユニットです。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>There is no refund: units of {most} licences were refunded, which is all that can be; {remedy}</source>
      <translation>返還できません: {most} 件のライセンスで返還済みで、これが上限です。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>There is no refund: units taken under {taking} are not settled yet; {remedy}</source>
      <translation>返還できません: {taking} で取得されたユニットはまだ精算されていません。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>There is no refund: {refunded} units taken under {taking} were refunded already; {remedy}</source>
      <translation>返還できません: {taking} で取得された {refunded} ユニットは返還済みです。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>There is no refund: {taken} units were taken under {taking}, and {units} are to be refunded; {remedy}</source>
      <translation>返還できません: {taking} で取得されたのは {taken} ユニットで、{units} ユニットの返還が求められています。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This client borrowed seats that are written off as lost until {until}; {remedy}</source>
      <translation>このクライアントが借りたシートは {until} まで紛失扱いです。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This client has {most} places in the queue, which is all that one client can; {remedy}</source>
      <translation>このクライアントは待ち行列に {most} 個の順番を持っていて、これが 1 クライアントの上限です。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This client holds {held} seats of {product}, and an operator allows one client no more than {quota}; {remedy}</source>
      <translation>このクライアントは {product} を {held} シート保持しており、オペレーターが認める上限は 1 クライアント {quota} シートです。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This client holds {most} leases, which is all that one client can; check some in first, or use a further client certificate</source>
      <translation>このクライアントは {most} 件のリースを保持しており、これが 1 クライアントの上限です。先に返却するか、別のクライアント証明書を使ってください</translation>
    </message>
    <message>
      <source>This computer's clock is {off_ms} off the containers' times</source>
      <extracomment>problem clock-off</extracomment>
      <translation>このコンピューターの時計はコンテナの時刻から {off_ms}ずれています</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This host shows too little of itself to be known again (only: {shown}); it takes more than machine id and CPU model. Make the main board readable, or choose another binding</source>
      <translation>このホストは再認識するには情報が足りません (あるのは {shown} のみ)。machine-id と CPU モデル以外も必要です。マザーボードを読み取れるようにするか、別の結び付けを選んでください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This host's TPM is not the one that sealed the container's key, or its owner hierarchy was cleared since: on this host the container does not open</source>
      <translation>このホストの TPM はコンテナの鍵を封印したものではないか、その後オーナー階層がクリアされました: このホストではコンテナは開きません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This is the certificate that you act with: let another administrator dismiss it, or get a new one first and act with that</source>
      <translation>これは操作中の証明書です: 別の管理者に無効化してもらうか、先に新しい証明書を取得してそれで操作してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This lease has {most} open reservations; {remedy}</source>
      <translation>このリースには未精算の予約が {most} 件あります。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This ledger holds {most} leases, which is all it can; {remedy}</source>
      <translation>この台帳には {most} 件のリースがあり、これが上限です。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This ledger is founded already, as {serial}</source>
      <translation>この台帳は {serial} としてすでに創設されています</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This ledger is not founded yet: found it first</source>
      <translation>この台帳はまだ創設されていません: 先に創設してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This needs newer rules than are in force (rules {in_force}); {remedy}</source>
      <translation>これには、有効なルール (ルール {in_force}) より新しいルールが必要です。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>This station uses {product} exclusively; {remedy}</source>
      <translation>この端末は {product} を排他的に使用しています。{remedy}</translation>
    </message>
    <message>
      <source>This takes a second. If it stays so, read `tmr logs --level warning`.</source>
      <extracomment>problem not-serving</extracomment>
      <translation>約 1 秒かかります。変わらなければ `tmr logs --level warning` を読んでください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/context.py" />
      <source>This window is read-only: switch that off in the View menu.</source>
      <translation>このウィンドウは読み取り専用です。「表示」メニューで解除できます。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>Through &amp;SSH</source>
      <translation>SSH 経由(&amp;S)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Time</source>
      <translation>時刻</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>Time server</source>
      <translation>タイムサーバー</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>Time servers</source>
      <translation>タイムサーバー</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/pages.py" />
      <source>Time servers and blocking</source>
      <translation>タイムサーバーと失効</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>Time there</source>
      <translation>現地時刻</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Timeline</source>
      <translation>タイムライン</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>Times of the containers</source>
      <translation>コンテナの時刻</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>Too much is under way: wait for an answer first.</source>
      <translation>処理中のものが多すぎます。応答を待ってください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Total</source>
      <translation>総数</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Twin {n}</source>
      <translation>ツイン {n}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Two matching constituents are enough: this licence can be checked out.</source>
      <translation>一致する構成ライセンスが 2 つあれば足ります。このライセンスはチェックアウトできます。</translation>
    </message>
    <message>
      <source>Two of three containers are needed: bring back the hosts that do not answer, and ask the vendor about a container that is blocked.</source>
      <extracomment>problem not-serving</extracomment>
      <translation>3 つ中 2 つのコンテナが必要です。応答しないホストを復旧し、ブロックされたコンテナについてはベンダーに問い合わせてください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/command_palette.py" />
      <source>Type what you want to see or do</source>
      <translation>見たいもの・したいことを入力</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Units</source>
      <translation>ユニット</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Units left</source>
      <translation>残りユニット</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/dialogs.py" />
      <source>Unknown SSH host</source>
      <translation>未知の SSH ホスト</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/certify.py" />
      <source>Update</source>
      <translation>更新</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/certify.py" />
      <source>Update certified time</source>
      <translation>認証時刻を更新</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/certify.py" />
      <source>Update certified time…</source>
      <translation>認証時刻を更新…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>Upstream</source>
      <translation>アップストリーム</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Usable</source>
      <translation>使用可否</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/pages.py" />
      <source>Usage</source>
      <translation>利用状況</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>User</source>
      <translation>ユーザー</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>VRRP adverts in the twin's name ({address}, priority {priority}) come from {link}, and the twin is at {known}</source>
      <translation>もう一方のホストの名 ({address}、優先度 {priority}) での VRRP 広告が {link} から届いていますが、そのホストは {known} にいます</translation>
    </message>
    <message>
      <source>VRRP does not run on {host} (no word from it): it could not take the address</source>
      <extracomment>problem vrrp</extracomment>
      <translation>{host} で VRRP が動作していません (応答なし)。アドレスを引き継げません</translation>
    </message>
    <message>
      <source>VRRP does not run on {host} ({state}): it could not take the address</source>
      <extracomment>problem vrrp</extracomment>
      <translation>{host} で VRRP が動作していません ({state})。アドレスを引き継げません</translation>
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
      <translation>バージョン</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>Version {version}, licence {licence}</source>
      <translation>バージョン {version}、ライセンス {licence}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>Virtual IP</source>
      <translation>仮想 IP</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>Virtual container</source>
      <translation>仮想コンテナ</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/logs.py" />
      <source>Warnings and worse</source>
      <translation>警告以上</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>Watches a floating-licence service that stays up when its servers do not.</source>
      <translation>サーバーが落ちても止まらないフローティングライセンスサービスを見守ります。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>What happened</source>
      <translation>出来事</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>What holds the container's key cannot be read ({said})</source>
      <translation>コンテナの鍵の保持元を読めません ({said})</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>What is wrong, and what to do</source>
      <translation>問題と対処</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>What to do</source>
      <translation>対処</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>What was borrowed under this key is over; {remedy}</source>
      <translation>この鍵で借りたものは期限が切れています。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>What was borrowed under this key was returned; {remedy}</source>
      <translation>この鍵で借りたものは返却済みです。{remedy}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>What went wrong</source>
      <translation>失敗の内容</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>What {who} borrowed is on record as lost.</source>
      <translation>{who} が借りたものは紛失として記録されました。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/activity.py" />
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>Who</source>
      <translation>誰</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>Without service</source>
      <translation>サービス停止</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Write off</source>
      <translation>紛失とする</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Write off what is borrowed</source>
      <translation>貸出品を紛失とする</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>Write off…</source>
      <translation>紛失とする…</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>Written: {path}</source>
      <translation>保存しました: {path}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/help.py" />
      <source>ZIP files (*.zip)</source>
      <translation>ZIP ファイル (*.zip)</translation>
    </message>
    <message>
      <source>`systemctl enable {unit}`.</source>
      <extracomment>problem unit-disabled</extracomment>
      <translation>`systemctl enable {unit}` を実行してください。</translation>
    </message>
    <message>
      <source>`tmr leases` shows who holds the seats: release one, or ask the vendor for more.</source>
      <extracomment>problem requests-refused, seats-low</extracomment>
      <translation>`tmr leases` でシートの保持者を確認し、解放するか、ベンダーに追加を依頼してください。</translation>
    </message>
    <message>
      <source>`tmr licences` shows what can be used, and why not.</source>
      <extracomment>problem requests-refused</extracomment>
      <translation>`tmr licences` で使用の可否とその理由を確認してください。</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>`tmr units list` shows which can be</source>
      <translation>可能なものは `tmr units list` で確認できます</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a body has at most {most} bytes</source>
      <translation>本文は最大 {most} バイトです</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a certificate of role {role} is no client's</source>
      <translation>役割 {role} の証明書はクライアントのものではありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a certificate with role view only looks: use a client's certificate or token</source>
      <translation>役割 view の証明書は閲覧専用です: クライアントの証明書かトークンを使ってください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a client needs a name of at most {most} characters and a SHA-256</source>
      <translation>クライアントには {most} 文字以内の名前と SHA-256 が必要です</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>a container of the group does not sign</source>
      <translation>グループのコンテナーの一つが署名しません</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>a date such as 2026-09-01, up to 2199</source>
      <translation>2026-09-01 のような日付 (2199 年まで)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>a defect of the service</source>
      <translation>サービスの不具合</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>a fault of this program, {what}</source>
      <translation>このプログラムの不具合: {what}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a field of the check-out is too long</source>
      <translation>チェックアウトの項目が長すぎます</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a field of the denial episode is out of range</source>
      <translation>拒否エピソードの項目が範囲外です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a firm code is 1 to {most}</source>
      <translation>ファームコードは 1 から {most} までです</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a host has a name of at most {most} characters</source>
      <translation>ホスト名は {most} 文字以内です</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/connections.py" />
      <source>a jump host leads to an SSH host: name that one, too</source>
      <translation>踏み台ホストの先の SSH ホストも指定してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a ledger is founded with all three upstreams</source>
      <translation>台帳は 3 台すべてのアップストリームで創設されます</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a limit of seats is a number from 0 up</source>
      <translation>シート数の上限は 0 以上の数です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a log that nobody founded</source>
      <translation>誰も創設していないログです</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a name has 1 to {most} characters</source>
      <translation>名前は 1 から {most} 文字です</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>a number from 0 to 9007199254740991</source>
      <translation>0 から 9007199254740991 の数</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>a number out of order</source>
      <translation>番号の順序違い</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>a replica disagrees with the others</source>
      <translation>レプリカの 1 つが他と食い違っています</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a restored ledger goes on from its log time</source>
      <translation>復元された台帳はそのログ時刻から続きます</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a serial number has 1 to 40 hexadecimal digits, in capitals</source>
      <translation>シリアル番号は 1 から 40 桁の 16 進数 (大文字) です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a snapshot of another ledger, {ledger}</source>
      <translation>別の台帳 {ledger} のスナップショットです</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a snapshot of entry {index}, and {committed} are committed here</source>
      <translation>項目 {index} のスナップショットですが、ここでは {committed} まで確定済みです</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a snapshot of format {format}, this release reads {known}</source>
      <translation>形式 {format} のスナップショットです。このリリースが読めるのは {known} です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a station has {bytes} bytes, its address 4 or 8</source>
      <translation>端末 ID は {bytes} バイト、そのアドレスは 4 または 8 バイトです</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>a tag has {bytes} bytes</source>
      <translation>タグは {bytes} バイトです</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>access mode not permitted</source>
      <translation>許可されていないモード</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>access modes</source>
      <translation>アクセスモード</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>access rules refused</source>
      <translation>アクセス規則は拒否されました</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>acknowledged</source>
      <translation>確認済み</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>active</source>
      <translation>アクティブ</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>adopts the log</source>
      <translation>ログを採用中</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>after is host:number,…, and {text} is not</source>
      <translation>after は ホスト:番号,… の形式ですが、{text} は異なります</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>after is what the page before gave as next, and {text} is not: it has a firm code, a product code and a TMR-ID, such as 6000010:1:7</source>
      <translation>after には前のページの next を指定します。{text} は異なります: 6000010:1:7 のようにファームコード、プロダクトコード、TMR-ID から成ります</translation>
    </message>
    <message>
      <source>all check-outs are refused, mostly as {reason}</source>
      <extracomment>problem requests-refused</extracomment>
      <translation>チェックアウトがすべて拒否されています。主な理由: {reason}</translation>
    </message>
    <message>
      <source>all check-outs are refused: no seat is free</source>
      <extracomment>problem requests-refused</extracomment>
      <translation>空きシートがなく、チェックアウトがすべて拒否されています</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>all seats</source>
      <translation>全シート</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>all upstreams answer</source>
      <translation>すべてのアップストリームが応答</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>allow emergency licences, or have the main licence mended</source>
      <translation>緊急ライセンスを許可するか、主ライセンスを復旧してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>an empty store takes a snapshot only if an operator named two stores that sealed it: `tmr replace-upstream` does, if it is given this upstream's --admin, too</source>
      <translation>空のストアは、それを封印した 2 つのストアをオペレーターが指定した場合にのみスナップショットを受け取ります: このアップストリームの --admin も付けた `tmr replace-upstream` で指定できます</translation>
    </message>
    <message>
      <location filename="../../appliance/client/streams.py" />
      <source>an event is larger than {bound} bytes</source>
      <translation>イベントが {bound} バイトを超えています</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>an offered seat is held for 1 to {most} seconds</source>
      <translation>提示されたシートは 1 から {most} 秒保持されます</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>an older grant</source>
      <translation>古い許可</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>an order's name has 1 to {most} printable characters</source>
      <translation>注文の名前は印字可能な文字 1 から {most} 文字です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>another entry {index}</source>
      <translation>項目 {index} が別のものです</translation>
    </message>
    <message>
      <source>another ledger is served than the one that was there before</source>
      <extracomment>problem ledger-rolled-back</extracomment>
      <translation>以前とは別の台帳が提供されています</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>another system is called {name} already</source>
      <translation>{name} という名前のシステムが既にあります</translation>
    </message>
    <message>
      <source>another system works with the same containers</source>
      <extracomment>problem two-systems</extracomment>
      <translation>別のシステムが同じコンテナで動作しています</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>answer {age}</source>
      <translation>応答 {age}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>as in the profile</source>
      <translation>プロファイルのとおり</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>as its twin says</source>
      <translation>対のホストによる</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>as many seats are out as may be</source>
      <translation>貸出可能なシートはすべて貸出中です</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>as of {age}</source>
      <translation>{age} 時点</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>ask an administrator; `tmr access explain` shows which rule decides</source>
      <translation>管理者に問い合わせてください。どの規則によるかは `tmr access explain` で確認できます</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>ask for another mode, or have the vendor permit this one</source>
      <translation>別のモードを要求するか、このモードの許可をベンダーに依頼してください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>ask for fewer features, or have the vendor license them</source>
      <translation>要求する機能を減らすか、ベンダーに機能のライセンスを依頼してください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>ask for fewer, or ask an administrator</source>
      <translation>数を減らすか、管理者に問い合わせてください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>ask for fewer, or have the vendor add some</source>
      <translation>要求を減らすか、ベンダーに追加を依頼してください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>ask the vendor for an update that fits</source>
      <translation>適合する更新をベンダーに依頼してください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>ask the vendor for the newest list</source>
      <translation>最新のリストをベンダーに依頼してください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>ask the vendor to extend it</source>
      <translation>ベンダーに延長を依頼してください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>asks for a term</source>
      <translation>タームを要求中</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>asks who is there</source>
      <translation>相手を確認中</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>at most {most}</source>
      <translation>最大 {most}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>at most, ms</source>
      <translation>最大 (ms)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>at {name}</source>
      <translation>{name} 上</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>begins</source>
      <translation>利用開始</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>block</source>
      <translation>失効</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>block list refused</source>
      <translation>失効リストを拒否</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>block list taken over</source>
      <translation>失効リストを適用</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>borrow again, under a new key</source>
      <translation>新しい鍵で借り直してください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>borrow it for a shorter time, and extend that later</source>
      <translation>短い期間で借りて、後で延長してください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>borrowed seat given back</source>
      <translation>借りたシートが返却されました</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>borrowed seats at most</source>
      <translation>貸出シート数上限</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>borrowed until {time}</source>
      <translation>{time} まで貸出中</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>by HTTPS</source>
      <translation>HTTPS</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>cannot be used any more: its usage period is over</source>
      <translation>は使用期間が終了したため、もう使えません</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <source>cannot connect to {host}: {why}</source>
      <translation>{host} に接続できません: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>certified by {url}</source>
      <translation>{url} が認証しました</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>certified time</source>
      <translation>認証時刻</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>certified time at most</source>
      <translation>認証時刻の最大経過時間</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>certified time refused</source>
      <translation>認証時刻を拒否</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>certified time too old</source>
      <translation>認証時刻が古すぎます</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>check one in first, or ask an administrator</source>
      <translation>先に 1 つ返却するか、管理者に問い合わせてください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>check one in first, or ask the operator</source>
      <translation>先に 1 つ返却するか、オペレーターに問い合わせてください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>check out first</source>
      <translation>先にチェックアウトしてください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>check out under a new lease id</source>
      <translation>新しいリース ID でチェックアウトしてください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>check the codes, or list all licences to see which constituents are missing or differ</source>
      <translation>コードを確認するか、全ライセンスを一覧して、欠けている、または異なる構成要素を調べてください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>check-out</source>
      <translation>チェックアウト</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>check-out denied</source>
      <translation>チェックアウト拒否</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>choose a new lease id, or repeat that request unchanged</source>
      <translation>新しいリース ID を選ぶか、その要求をそのまま再送してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>chose the log of {host}</source>
      <translation>{host} のログを選びました</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>chunk {chunk} of the snapshot is missing or not as it was written</source>
      <translation>スナップショットの断片 {chunk} がないか、書き込まれたときのものと異なります</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>clean {name}</source>
      <translation>{name} のディスクを空ける</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>client dismissed</source>
      <translation>クライアントを抹消</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>client enrolled</source>
      <translation>クライアントを登録</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>clock outvoted</source>
      <translation>時計が多数決で除外</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>clock {name}</source>
      <translation>{name} の時計を狂わせる</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>closed by the other side</source>
      <translation>相手側が閉じました</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>cloud</source>
      <translation>クラウド</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>contact overdue</source>
      <translation>連絡期限切れ</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>contact within</source>
      <translation>連絡期限</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>container locked</source>
      <translation>コンテナがロック</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>container shut</source>
      <translation>コンテナーが開けない</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>container {serial}</source>
      <translation>コンテナ {serial}</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>containers</source>
      <translation>コンテナ</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>containers not bound</source>
      <translation>コンテナが未バインド</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>content-length is no number</source>
      <translation>content-length が数ではありません</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>correct the document, or begin with the version in force (`tmr access show`)</source>
      <translation>文書を修正するか、有効なバージョンから始めてください (`tmr access show`)</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>correct the request</source>
      <translation>要求を修正してください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>critical</source>
      <translation>重大</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>cure {name}</source>
      <translation>{name} のタイムサーバーを回復</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>customer's text</source>
      <translation>顧客用テキスト</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>cut {name}</source>
      <translation>{name} の電源を切る</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>deafen {name}</source>
      <translation>{name} をタイムサーバーから切る</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>debug</source>
      <translation>デバッグ</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>denial</source>
      <translation>拒否</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>differs</source>
      <translation>相違</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>differs in {what}</source>
      <translation>相違: {what}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/direct.py" />
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>directly</source>
      <translation>直接</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>directly; else user@host or user@host:port</source>
      <translation>直接。または user@host か user@host:port</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>dismiss one first, or use client certificates</source>
      <translation>先に 1 つ削除するか、クライアント証明書を使ってください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>do it on the computer that has the borrower's key</source>
      <translation>借り手の鍵があるコンピューターで行ってください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>does not answer this monitor</source>
      <translation>ここには応答なし</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>does not permit the access mode that was asked for</source>
      <translation>では要求されたアクセスモードが許可されていません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>does not serve: passive</source>
      <translation>待機: パッシブ</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>does not vote yet</source>
      <translation>まだ投票しません</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>does not work yet</source>
      <translation>はまだ有効ではありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>dongle</source>
      <translation>ドングル</translation>
    </message>
    <message>
      <location filename="../../appliance/client/engine.py" />
      <source>earlier requests of this client have no answer yet</source>
      <translation>以前の呼び出しがまだ待機中です</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>emergency</source>
      <translation>緊急用</translation>
    </message>
    <message>
      <source>emergency licence {licence} is in use</source>
      <extracomment>problem emergency-licence</extracomment>
      <translation>緊急ライセンス {licence} を使用中</translation>
    </message>
    <message>
      <source>emergency licence {licence} is in use and ends in {left_s}</source>
      <extracomment>problem emergency-licence</extracomment>
      <translation>緊急ライセンス {licence} を使用中、残り {left_s}</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>end the other program of this station first, or start this one elsewhere</source>
      <translation>この端末の別のプログラムを先に終了するか、ほかの場所で起動してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>entries after {index} that no vow speaks of</source>
      <translation>{index} より後の、どの誓約にもない項目</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>entries committed</source>
      <translation>項目確定</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>entry {index} cannot be read: {said}</source>
      <translation>項目 {index} を読み取れません: {said}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>entry {index} does not follow on the one before</source>
      <translation>項目 {index} が前の項目に続いていません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>entry {index} does not follow on {previous}</source>
      <translation>項目 {index} が {previous} に続いていません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>entry {index} is another one than its mark says</source>
      <translation>項目 {index} がマークの示すものと異なります</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>entry {index} is missing</source>
      <translation>項目 {index} がありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>entry {index} is not as it was written</source>
      <translation>項目 {index} が書き込まれたときのものと異なります</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>entry {index} is not there yet</source>
      <translation>エントリ {index} はまだありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>entry {index}, which its mark names, is missing</source>
      <translation>マークが示す項目 {index} がありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>error</source>
      <translation>エラー</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>exclusive</source>
      <translation>排他</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>expected {wanted}, but {role} {name} answered</source>
      <translation>{wanted} のはずが、{role} {name} が応答しました</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>expired</source>
      <translation>期限切れ</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>expires</source>
      <translation>有効期限</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>failed</source>
      <translation>失敗</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/direct.py" />
      <source>faults can be made in the demo only</source>
      <translation>障害を起こせるのはデモだけです</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>feature map</source>
      <translation>機能マップ</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>features not licensed</source>
      <translation>未ライセンスの機能</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>fewer entries of it are committed than its mark says</source>
      <translation>確定した項目がマークより少なくなっています</translation>
    </message>
    <message>
      <source>fewer than two containers are left, without those of {hosts}</source>
      <extracomment>problem not-serving</extracomment>
      <translation>{hosts} のコンテナを欠き、残りが 2 つ未満です</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>fill {name}</source>
      <translation>{name} のディスクを埋める</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>fine</source>
      <translation>正常</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>follows</source>
      <translation>追従中</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>for {time}</source>
      <translation>{time}</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>found it first, or repeat the request with the same id</source>
      <translation>先に創設するか、同じ ID で要求を再送してください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>gave the virtual IP up</source>
      <translation>仮想 IP を手放しました</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>gets a long log</source>
      <translation>長いログを受信中</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>gets a snapshot</source>
      <translation>スナップショットを受信中</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>gets a snapshot, {done} chunks so far</source>
      <translation>スナップショットを受信中、これまで {done} 個の断片</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>gets a snapshot, {done} of {chunks} chunks</source>
      <translation>スナップショットを受信中、{chunks} 個中 {done} 個の断片</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>has a maintenance that does not cover this program's release date</source>
      <translation>の保守期間にはこのプログラムのリリース日が含まれていません</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>has expired</source>
      <translation>は期限切れです</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>has the address, takes a term</source>
      <translation>アドレスを持ち、任期を取得しています</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>has the virtual IP</source>
      <translation>仮想 IP を保持</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>have an operator update the certified time (`tmr time update`), then try again</source>
      <translation>オペレーターに認証時刻を更新してもらい (`tmr time update`)、もう一度試してください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>have the container ask a time server again</source>
      <translation>コンテナからタイムサーバーへ再度問い合わせてください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>holds the address</source>
      <translation>アドレスを保持</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>host is {host} or {twin}</source>
      <translation>ホストは {host} か {twin} です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>host, which is to serve, is {host} or {twin}</source>
      <translation>サービスを引き継ぐホストは {host} か {twin} です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>host, who or why is too long</source>
      <translation>host、who、why のいずれかが長すぎます</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>import the vendor's update that confirms its unit counter</source>
      <translation>ユニットカウンターを確認するベンダーの更新を取り込んでください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>in maintenance</source>
      <translation>メンテナンス中</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>in the mode {mode} one seat is asked for, not {seats}</source>
      <translation>モード {mode} で要求できるのは 1 シートで、{seats} シートではありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>in {time}</source>
      <translation>あと {time}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>info</source>
      <translation>情報</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>inside this program</source>
      <translation>このプログラム内</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>is asked for its promise</source>
      <translation>約束を要求中</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>is left as an emergency licence only, which this program does not want</source>
      <translation>は緊急ライセンスしか残っておらず、このプログラムはそれを望んでいません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it asks for product {product} twice: say how many seats it wants</source>
      <translation>製品 {product} を 2 回要求しています: シート数で指定してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it asks for {count} products, not 1 to {most}</source>
      <translation>{count} 製品を要求していますが、1 から {most} 製品までです</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it cannot be read ({said})</source>
      <translation>読み取れません ({said})</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/connections.py" />
      <source>it has no profile: name a client profile (TOML)</source>
      <translation>プロファイルがありません。クライアントプロファイル (TOML) を指定してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it holds {count} entries from {low} to {high} instead of {wanted} from {first} to {last}</source>
      <translation>{first} から {last} までの {wanted} 件ではなく、{low} から {high} までの {count} 件の項目があります</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it is being ended for want of heartbeats: repeat this</source>
      <translation>ハートビート切れで終了処理中です: 再度実行してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it is not endorsed by two containers of this ledger</source>
      <translation>この台帳の 2 つのコンテナによる裏書がありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>it is not known well enough what time it is</source>
      <translation>現在時刻が十分に確かではありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it is not the log that the rule chooses</source>
      <translation>規則が選ぶログではありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it is {behind} transactions behind its mark: entry {last} instead of {marked} is its last</source>
      <translation>マークより {behind} トランザクション遅れています: 最後の項目が {marked} ではなく {last} です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it lacks an entry that is proven to be committed</source>
      <translation>確定が証明された項目が欠けています</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it leaves {count} bytes unread</source>
      <translation>{count} バイトを読まずにいます</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it may have been followed by a newer one: begin again</source>
      <translation>新しいものに置き換わった可能性があります: 最初からやり直してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it promised or adopted a lower term than its mark says</source>
      <translation>約束または採用した任期がマークより低くなっています</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it says something else than its mark</source>
      <translation>マークと内容が異なります</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>it says that {committed} entries were committed, but ends with {last}</source>
      <translation>{committed} 件の項目が確定済みとありますが、{last} で終わっています</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>it waits for its turn</source>
      <translation>順番を待っています</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>it was returned long ago, or borrowed from another system</source>
      <translation>ずっと前に返却されたか、別のシステムから借りたものです</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>it was settled long ago, or the request took its units for good</source>
      <translation>かなり前に精算されたか、要求がユニットを確定的に取得したものです</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its certificate is refused here: {said}</source>
      <translation>その証明書はここで拒否されます: {said}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its lifetime is over: check out again</source>
      <translation>有効期間が過ぎました: もう一度チェックアウトしてください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its log ends before an entry that it signed</source>
      <translation>ログが、署名した項目より前で終わっています</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its mark cannot be read</source>
      <translation>マークを読めません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its mark is missing</source>
      <translation>マークがありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its mark is that of another store</source>
      <translation>マークが別のストアのものです</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its mark is there, but the database is not</source>
      <translation>マークはありますが、データベースがありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its outcome is not known; the service's log says more</source>
      <translation>結果は不明です。詳細はサービスのログにあります</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its snapshot cannot be used: {said}</source>
      <translation>スナップショットを使用できません: {said}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its snapshot is another one than was sealed</source>
      <translation>スナップショットが封印されたものと異なります</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its snapshot is of another entry than was sealed</source>
      <translation>スナップショットが封印されたものとは別の項目のものです</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>its store does not vote yet</source>
      <translation>そのストアにはまだ投票権がありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>just started</source>
      <translation>起動したばかりです</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>lacks a feature that was asked for</source>
      <translation>には要求された機能がありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/banner.py" />
      <source>last answer
{age}</source>
      <translation>最終応答
{age}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>last: {reason}</source>
      <translation>直近: {reason}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>lease</source>
      <translation>リース</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>lease ended</source>
      <translation>リース終了</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>lease id used otherwise</source>
      <translation>リース ID が別用途で使用済み</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>lease lifetime</source>
      <translation>リースの存続期間</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>lease unknown</source>
      <translation>不明なリース</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>ledger founded, virtual container {serial}</source>
      <translation>台帳を創設、仮想コンテナ {serial}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>ledger: {phase}</source>
      <translation>台帳: {phase}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>liar</source>
      <translation>ほかと矛盾</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>licence does not work yet</source>
      <translation>ライセンス開始前</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>licence expired</source>
      <translation>ライセンス期限切れ</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>licence update</source>
      <translation>ライセンス更新</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>licence update refused</source>
      <translation>ライセンス更新を拒否</translation>
    </message>
    <message>
      <source>licence {licence} cannot be used</source>
      <extracomment>problem licence-unusable</extracomment>
      <translation>ライセンス {licence} は使用不可です</translation>
    </message>
    <message>
      <source>licence {licence} expires in {left_s}</source>
      <extracomment>problem licence-expiry</extracomment>
      <translation>ライセンス {licence} はあと {left_s}で期限切れ</translation>
    </message>
    <message>
      <source>licence {licence} has expired</source>
      <extracomment>problem licence-expiry</extracomment>
      <translation>ライセンス {licence} は期限切れです</translation>
    </message>
    <message>
      <source>licence {licence} has no units left</source>
      <extracomment>problem units-gone</extracomment>
      <translation>ライセンス {licence} の残りユニットがありません</translation>
    </message>
    <message>
      <source>licence {licence} has {left} units left</source>
      <extracomment>problem units-low</extracomment>
      <translation>ライセンス {licence} の残りユニット: {left}</translation>
    </message>
    <message>
      <source>licence {licence} needs a newer certified time within {left_s}</source>
      <extracomment>problem licence-rests</extracomment>
      <translation>ライセンス {licence} には {left_s}以内に新しい認証時刻が必要です</translation>
    </message>
    <message>
      <source>licence {licence} rests until its units are confirmed</source>
      <extracomment>problem units-unconfirmed</extracomment>
      <translation>ライセンス {licence} はユニットが確認されるまで休止中です</translation>
    </message>
    <message>
      <source>licence {licence} rests until there is a newer certified time</source>
      <extracomment>problem licence-rests</extracomment>
      <translation>ライセンス {licence} は新しい認証時刻を得るまで休止中です</translation>
    </message>
    <message>
      <source>licence {licence} wants containers that are bound more firmly</source>
      <extracomment>problem licence-rests</extracomment>
      <translation>ライセンス {licence} はより強く束縛されたコンテナを求めています</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>licences of a container updated</source>
      <translation>コンテナのライセンスを更新</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>licences: not known yet</source>
      <translation>ライセンス: まだ不明</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>lines are chosen in their order, each once</source>
      <translation>行は順番どおりに、それぞれ一度だけ選びます</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>linger time</source>
      <translation>保持時間</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>lock {name}</source>
      <translation>{name} のコンテナをロック</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>locked</source>
      <translation>ロック中</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>log time {time} is before {previous}, and before the certified time {certified}</source>
      <translation>ログ時刻 {time} は {previous} より前で、認証時刻 {certified} よりも前です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>log time {time} is before {previous}, and is not what the containers' clocks say</source>
      <translation>ログ時刻 {time} は {previous} より前で、コンテナの時計が示すものでもありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>log time {time} is before {previous}, and the entry is not one that lowers it</source>
      <translation>ログ時刻 {time} は {previous} より前で、項目はそれを下げるものではありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>log time {time} is before {previous}, without certified tokens of two containers</source>
      <translation>ログ時刻 {time} は {previous} より前で、2 つのコンテナの認証トークンがありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>log time {time} is not what the containers' clocks allow</source>
      <translation>ログ時刻 {time} はコンテナの時計が許すものではありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>log {index}, lag {lag}</source>
      <translation>ログ {index}、遅れ {lag}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>logs of one term that contradict each other</source>
      <translation>同じ任期のログが互いに矛盾しています</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>look with `tmr status` which stores vote</source>
      <translation>どのストアに投票権があるかは `tmr status` で確認してください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>main</source>
      <translation>メイン</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>maintenance</source>
      <translation>保守期間</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>maintenance begun by {who}</source>
      <translation>{who} がメンテナンスを開始</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>maintenance does not cover it</source>
      <translation>保守期間外</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>maintenance ended by {who}</source>
      <translation>{who} がメンテナンスを終了</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>maintenance-off {host} by {who}: {why}</source>
      <translation>{who} が {host} のメンテナンスを終了: {why}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>maintenance-on {host} by {who}: {why}</source>
      <translation>{who} が {host} のメンテナンスを開始: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>make a new certificate authority for clients</source>
      <translation>クライアント用の新しい認証局を作成してください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>may be borrowed for</source>
      <translation>貸出可能時間</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>mend {name}</source>
      <translation>{name} の時計を直す</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>minutes before now</source>
      <translation>分前</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>missing</source>
      <translation>欠落</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>monitor</source>
      <translation>モニター</translation>
    </message>
    <message>
      <source>more seats of {product} are reserved than there are</source>
      <extracomment>problem over-reserved</extracomment>
      <translation>{product} の予約が実際のシート数を超えています</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>more than was reserved</source>
      <translation>予約分を超過</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>move it to such containers, or ask the vendor to change that</source>
      <translation>そのようなコンテナへ移すか、ベンダーに変更を依頼してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>name a ticket with lines of it, or an order, or neither</source>
      <translation>チケットとその行、または注文のどちらか一方だけを指定するか、どちらも指定しないでください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>name one product with product_code and seats, or several in items</source>
      <translation>1 製品なら product_code と seats で、複数なら items で指定してください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/ages.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>never</source>
      <translation>なし</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>never had</source>
      <translation>未取得</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>never to be met</source>
      <translation>満たされることがありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>new</source>
      <translation>新規</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>new store at {host} admitted by {who}</source>
      <translation>{host} の新しいストアを {who} が受け入れ</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/ssh.py" />
      <source>no SSH connection to {host} ({why})</source>
      <translation>{host} への SSH 接続なし ({why})</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <source>no TLS connection to {host}: {why}</source>
      <translation>{host} への TLS 接続ができません: {why}</translation>
    </message>
    <message>
      <source>no TMR host is known to serve</source>
      <extracomment>problem not-serving</extracomment>
      <translation>稼働中の TMR ホストを確認できません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>no TMR host serves at present</source>
      <translation>現在稼働中の TMR ホストはありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>no active host is known; repeat the request with the same id</source>
      <translation>アクティブなホストが分かりません。同じ ID で要求を繰り返してください</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <source>no answer on a new connection (is this client's certificate accepted?): {why}</source>
      <translation>新しい接続で応答がありません (このクライアントの証明書は受け入れられていますか): {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>no answer within {within_s} s</source>
      <translation>{within_s} 秒以内に応答がありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/alerts.py" />
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>no answer yet</source>
      <translation>まだ応答なし</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>no client certificate and no bearer token came along</source>
      <translation>クライアント証明書もベアラートークンもありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>no common entry {index}</source>
      <translation>共通の項目 {index} がありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>no host that answers has the virtual IP</source>
      <translation>応答するホストのどれにも仮想 IP がありません</translation>
    </message>
    <message>
      <source>no ledger is founded ({why})</source>
      <extracomment>problem not-serving</extracomment>
      <translation>台帳が作成されていません ({why})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>no operator of this host agreed to who votes then</source>
      <translation>その投票者について、このホストのオペレーターが同意していません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>no phase</source>
      <translation>フェーズなし</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>no refund of these units</source>
      <translation>このユニットは返却不可</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>no seat free</source>
      <translation>空きシートなし</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>no service</source>
      <translation>サービス停止</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>no such act</source>
      <translation>そのような操作はありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>no such snapshot any more</source>
      <translation>そのスナップショットはもうありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>no such thing</source>
      <translation>存在しません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>no term</source>
      <translation>タームなし</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>no time server gave an answer that can be used</source>
      <translation>使える応答を返したタイムサーバーがありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>no time server is configured here; name one in the settings</source>
      <translation>ここにはタイムサーバーが設定されていません。設定で指定してください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>no unit counter</source>
      <translation>ユニットカウンターなし</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>no upstream gave its log: repeat it</source>
      <translation>どのアップストリームもログを返しませんでした: 再度実行してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>no upstream gave its record: repeat it</source>
      <translation>どのアップストリームも記録を返しませんでした: 再度実行してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>no upstream gave the key of the names yet: repeat it</source>
      <translation>名前の鍵をまだどのアップストリームからも受け取っていません: 再度実行してください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>no user limit</source>
      <translation>無制限</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>no virtual IP</source>
      <translation>仮想 IP なし</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>no way leads to that host, or it has no power</source>
      <translation>そのホストへの経路がないか、電源が入っていません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>nobody can join a term whose voters were replaced</source>
      <translation>投票者が置き換えられた任期には誰も参加できません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>nobody is seen to serve; {host} was the last</source>
      <translation>稼働中のホストを確認できません。最後は {host} でした</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>nobody known</source>
      <translation>未知の相手</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/phrases.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>none</source>
      <translation>なし</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>none seen</source>
      <translation>観測なし</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>none seen by this monitor</source>
      <translation>このモニターでは観測なし</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>none; else the SSH host that leads to it</source>
      <translation>なし。または経由する SSH ホスト</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>not a proper request</source>
      <translation>不正な要求</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>not a request to an upstream</source>
      <translation>アップストリームへの要求ではありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>not allowed by the access rules</source>
      <translation>アクセス規則で許可されていません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>not asked directly</source>
      <translation>直接は問い合わせていません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/status_line.py" />
      <source>not connected</source>
      <translation>未接続</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/status_line.py" />
      <source>not connected to {name}</source>
      <translation>{name} に未接続</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>not known yet</source>
      <translation>まだ不明</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>not permitted</source>
      <translation>許可されていません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>not signed by the borrower</source>
      <translation>借り手の署名がありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>not to be borrowed</source>
      <translation>貸し出せません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>not to be borrowed for so long</source>
      <translation>その期間は貸し出せません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>not told by a passive host</source>
      <translation>パッシブなホストからは得られません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>nothing borrowed under this key</source>
      <translation>この鍵では何も借りられていません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>nothing is known of it: repeat it with the same id</source>
      <translation>結果は不明です: 同じ ID で再送してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>nothing is proven to be lost ({said})</source>
      <translation>失われたことの証明がありません ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>nothing proves that this store was replaced</source>
      <translation>このストアが置き換えられたことの証明がありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>nothing reserved</source>
      <translation>予約なし</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>notice</source>
      <translation>注意</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/ages.py" />
      <source>now</source>
      <translation>今</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>nowhere</source>
      <translation>どこにもなし</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>of the two receipts, the second has to be of this ledger</source>
      <translation>2 つのレシートのうち、2 つ目はこの台帳のものでなければなりません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>offset from the vote, ms</source>
      <translation>投票時刻からのずれ (ms)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>ok</source>
      <translation>正常</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>one of user-limit, station-share, exclusive, no-limit</source>
      <translation>user-limit、station-share、exclusive、no-limit のいずれか</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>only an emergency licence</source>
      <translation>緊急ライセンスのみ</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>operator</source>
      <translation>オペレーター</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>other</source>
      <translation>その他</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>other activations are under way: wait for them</source>
      <translation>ほかのアクティベーションが進行中です。終わるまで待ってください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>other backups are being taken</source>
      <translation>ほかのバックアップを取得中です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>others read the usage record: repeat it</source>
      <translation>ほかの利用者が使用記録を読み取り中です: 再度実行してください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>outage</source>
      <translation>停止</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>over, not acknowledged</source>
      <translation>終了、確認待ち</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>overflow</source>
      <translation>超過用</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>overloaded, repeat it</source>
      <translation>過負荷、繰り返してください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>passive</source>
      <translation>パッシブ</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>promised</source>
      <translation>約束済み</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>quantity</source>
      <translation>数量</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <location filename="../../appliance/details/__init__.py" />
      <source>quorum lost</source>
      <translation>クォーラム喪失</translation>
    </message>
    <message>
      <source>quorum lost: no answer from {hosts}</source>
      <extracomment>problem not-serving</extracomment>
      <translation>クォーラム喪失: {hosts} が応答しません</translation>
    </message>
    <message>
      <source>quorum lost: without {hosts}</source>
      <extracomment>problem not-serving</extracomment>
      <translation>{hosts} を欠き、クォーラム喪失</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>reaches {reached} upstreams, the twin two</source>
      <translation>到達できるアップストリームは {reached} 台、もう一方のホストは 2 台です</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>read in the detail which one can be</source>
      <translation>どれなら可能かは詳細を確認してください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>reads the log</source>
      <translation>ログを読み取り中</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>reads the log of {host}</source>
      <translation>{host} のログを読んでいます</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>receipt period</source>
      <translation>レシートの有効期間</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>refundable units</source>
      <translation>返還可能ユニット</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>refused: it takes the connection and hangs up, as for a certificate that its clock or its settings do not allow; its log says why</source>
      <translation>拒否: 接続を受けて切断しています。時計や設定が許さない証明書のときの動作です。理由はそのホストのログにあります</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>repeat the check-out to learn where it stands</source>
      <translation>チェックアウトを再送して現状を確認してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>repeat the request with the same id</source>
      <translation>同じ ID で要求を繰り返してください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>replace {host} by {who}: {why}</source>
      <translation>{who} が {host} のストアを交換: {why}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>restore {name}</source>
      <translation>{name} の電源を戻す</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>rests, since its vendor has had no contact with the containers for too long</source>
      <translation>はベンダーとコンテナの接触が長期間途絶えているため休止中です</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>rests, since its vendor wants a newer certified time than there is</source>
      <translation>はベンダーがより新しい認証時刻を求めているため休止中です</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>rests, since its vendor wants containers that are bound more firmly</source>
      <translation>はベンダーがより強く束縛されたコンテナを求めているため休止中です</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>rests, since this system was restored from a backup or put back</source>
      <translation>はこのシステムがバックアップから復元されたか巻き戻されたため休止中です</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>return of a borrowed seat refused</source>
      <translation>借りたシートの返却が拒否されました</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>role</source>
      <translation>役割</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>rules and groups name at most {most} subjects</source>
      <translation>規則とグループが挙げられる対象は最大 {most} 件です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>rules are raised for {count} TMR hosts</source>
      <translation>ルールの引き上げには {count} 台の TMR ホストを指定します</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>rules {in_force} are in force, and are never lowered</source>
      <translation>ルール {in_force} が有効で、下げることはできません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>say why in one line, without control characters</source>
      <translation>理由は制御文字を含まない 1 行で述べてください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>say why: the reason is recorded</source>
      <translation>理由を述べてください: 記録されます</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>seat borrowed</source>
      <translation>シートを借りました</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>seat checked out</source>
      <translation>シートをチェックアウト</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>seat ended for want of heartbeats</source>
      <translation>ハートビート切れでシート終了</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>seat given back</source>
      <translation>シートを返却</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>seat not lent</source>
      <translation>シートは貸し出されませんでした</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>seat released by force, by {who}</source>
      <translation>{who} がシートを強制解放</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/usage.py" />
      <source>seats in use</source>
      <translation>使用中シート</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>seats of product {product} have to be 1 to {most}</source>
      <translation>製品 {product} のシート数は 1 から {most} です</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>seconds ago</source>
      <translation>秒前</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>see /openapi.json for what there is</source>
      <translation>利用できるものは /openapi.json を参照してください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>send the next number</source>
      <translation>次の番号を送ってください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>serves</source>
      <translation>稼働中</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>serves now: active</source>
      <translation>稼働開始: アクティブ</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>serving</source>
      <translation>サービス中</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>settle one of them first</source>
      <translation>先にどれかを精算してください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>settle what was reserved, and take the rest by a request of its own</source>
      <translation>予約分を精算し、残りは別の要求で取得してください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>sign it with the key that the reservation named</source>
      <translation>予約で指定した鍵で署名してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>silent for {for_s} s</source>
      <translation>{for_s} 秒間通信がありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <source>snoozed, {time} left</source>
      <translation>一時停止中、残り {time}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>software</source>
      <translation>ソフトウェア</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>software, universal</source>
      <translation>ソフトウェア (汎用)</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>some upstreams wait for a restore, and others do not</source>
      <translation>復元を待つアップストリームと待たないものがあります</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>station share</source>
      <translation>端末共有</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>stops</source>
      <translation>停止します</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>store damaged</source>
      <translation>ストア破損</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>such a receipt cannot be looked at here</source>
      <translation>このようなレシートはここでは確認できません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>switch</source>
      <translation>切り替え</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>switched over to the twin</source>
      <translation>もう一方のホストに切り替えました</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>switchover ordered by {who}</source>
      <translation>{who} が切り替えを指示</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>switchover {host} by {who}: {why}</source>
      <translation>{who} が {host} へ切り替え: {why}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>takes the service over: {phase}</source>
      <translation>サービスを引き継ぎ中: {phase}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>term {n}</source>
      <translation>ターム {n}</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>text</source>
      <translation>テキスト</translation>
    </message>
    <message>
      <location filename="../../appliance/client/tls.py" />
      <source>the CA file {path} cannot be read ({why}); name a PEM file</source>
      <translation>CA ファイル {path} を読めません ({why})。PEM ファイルを指定してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the TLS handshake failed ({said})</source>
      <translation>TLS ハンドシェイクに失敗しました ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the address is elsewhere</source>
      <translation>アドレスは別の場所にあります</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>the agent, then the usual files</source>
      <translation>エージェント、次に通常のファイル</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <source>the answer is larger than {bound} bytes</source>
      <translation>応答が {bound} バイトを超えています</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the answer of {url} is no proper time-stamp ({said})</source>
      <translation>{url} の応答は正しいタイムスタンプではありません ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the block list of {url} is another one than was seen under its number ({said})</source>
      <translation>{url} のブロックリストは、同じ番号で以前に見たものと異なります ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the block list of {url} is none ({said})</source>
      <translation>{url} のブロックリストが正しくありません ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the block list of {url} is older than one that was seen before ({said})</source>
      <translation>{url} のブロックリストは以前に見たものより古いものです ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the block list of {url} is over; the time server has to serve a newer one</source>
      <translation>{url} のブロックリストは期限切れです。タイムサーバーが新しいものを配布する必要があります</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the block list of {url} is too large ({said})</source>
      <translation>{url} のブロックリストが大きすぎます ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the block list of {url} was not signed by the pinned licence root, or altered since</source>
      <translation>{url} のブロックリストは固定されたライセンスルートの署名がないか、その後改変されています</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the body did not come in time</source>
      <translation>本文が時間内に届きませんでした</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the certificate of {url} is not for time-stamps alone (RFC 3161, section 2.3)</source>
      <translation>{url} の証明書はタイムスタンプ専用ではありません (RFC 3161 2.3 節)</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the certificate of {url} was not valid at the time it certified; the vendor has to renew it</source>
      <translation>{url} の証明書は認証した時刻に有効ではありませんでした。ベンダーによる更新が必要です</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the certificate was not dismissed</source>
      <translation>証明書は失効されませんでした</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the certificate's end is out of range</source>
      <translation>証明書の終了日が範囲外です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the certificate's name or role is too long</source>
      <translation>証明書の名前または役割が長すぎます</translation>
    </message>
    <message>
      <location filename="../../appliance/client/tls.py" />
      <source>the client certificate {path} or its key {key} cannot be used ({why}); name a PEM certificate and its unencrypted key</source>
      <translation>クライアント証明書 {path} または鍵 {key} を使用できません ({why})。PEM 証明書と暗号化されていない鍵を指定してください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the client's limit of seats is reached</source>
      <translation>クライアントのシート数が上限に達しました</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <source>the connection broke: {why}</source>
      <translation>接続が切れました: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the connection ended ({said})</source>
      <translation>接続が切れました ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the connection ended before the body</source>
      <translation>本文の前に接続が切れました</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/connections.py" />
      <source>the connection has no name</source>
      <translation>名前がありません</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <source>the connection is busy</source>
      <translation>接続は使用中です</translation>
    </message>
    <message>
      <location filename="../../appliance/client/streams.py" />
      <source>the connection is not open</source>
      <translation>接続が開いていません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the connection is refused: no server listens on that port there</source>
      <translation>接続が拒否されました。そのポートで待ち受けているサーバーがありません</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <source>the connection was closed on this side</source>
      <translation>接続はこちら側で閉じられました</translation>
    </message>
    <message>
      <source>the container of {host} is elsewhere than before</source>
      <extracomment>problem container-elsewhere</extracomment>
      <translation>{host} のコンテナーが以前と別の場所にある</translation>
    </message>
    <message>
      <source>the container of {host} is shut</source>
      <extracomment>problem container-shut</extracomment>
      <translation>{host} のコンテナーが開けない</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the container's disk failed: {said}</source>
      <translation>コンテナのディスクに障害が起きました: {said}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the database is not in order: {said}</source>
      <translation>データベースに異常があります: {said}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the database is not the one that was made here</source>
      <translation>ここで作成されたデータベースではありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>the demo knows no fault called {name}</source>
      <translation>デモに {name} という障害はありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the denial episode is not open</source>
      <translation>拒否エピソードは開いていません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the denial episode is open already, or too many are</source>
      <translation>拒否エピソードはすでに開いているか、多すぎます</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the document is nested too deeply</source>
      <translation>文書の入れ子が深すぎます</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the end that is to be extended is none that was granted</source>
      <translation>延長しようとしている期限は、認められたものではありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the free seats are reserved for others</source>
      <translation>空席は他の利用者のために予約されています</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the header {header} does not prove this lease</source>
      <translation>ヘッダー {header} はこのリースの証明になりません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the host does not answer</source>
      <translation>ホストが応答しません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the id of a loan is the borrower's key in hexadecimal</source>
      <translation>貸し出しの ID は借り手の鍵の 16 進表記です</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/ssh.py" />
      <source>the key of {host} has CHANGED (now {fingerprint}): do not connect; ask its administrator, and only if the change was meant remove the old key from {path}</source>
      <translation>{host} の鍵が変わりました (現在 {fingerprint})。接続しないでください。管理者に確認し、意図した変更の場合のみ {path} から古い鍵を削除してください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/ssh.py" />
      <source>the key of {host} was not trusted; nothing was sent</source>
      <translation>{host} の鍵は信頼されませんでした。何も送信していません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the key that settles a reservation has {bytes} bytes</source>
      <translation>予約を精算する鍵は {bytes} バイトです</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/ssh.py" />
      <source>the key {path} cannot be used ({why})</source>
      <translation>鍵 {path} を使用できません ({why})</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/ssh.py" />
      <source>the key {path} has a passphrase: give it to your SSH agent and name no key file here</source>
      <translation>鍵 {path} にはパスフレーズがあります。SSH エージェントに渡し、ここでは鍵ファイルを指定しないでください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the lease holds no seat of product {product}</source>
      <translation>このリースは製品 {product} のシートを保持していません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the ledger is founded already</source>
      <translation>台帳は設立済み</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the ledger is not founded</source>
      <translation>台帳が未設立</translation>
    </message>
    <message>
      <source>the ledger was put back: entry {index} and others are lost</source>
      <extracomment>problem ledger-rolled-back</extracomment>
      <translation>台帳が以前の状態に戻されました: 項目 {index} などが失われています</translation>
    </message>
    <message>
      <location filename="../../appliance/client/errors.py" />
      <source>the licence servers have lost their quorum (missing: {names}); bring one of them back, then repeat</source>
      <translation>ライセンスサーバーがクォーラムを失いました (欠落: {names})。1 台を復旧してから繰り返してください</translation>
    </message>
    <message>
      <location filename="../../appliance/client/listing.py" />
      <source>the licences changed again and again while they were listed; repeat it in a minute</source>
      <translation>一覧の取得中にライセンスが何度も変わりました。1 分後にもう一度実行してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the log ends at {index}, not as announced at {announced}</source>
      <translation>ログが予告された {announced} ではなく {index} で終わっています</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the log's last entry {index} is another one than was stored last</source>
      <translation>ログの最後の項目 {index} が最後に保存されたものと異なります</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the mode {mode} needs a station</source>
      <translation>モード {mode} には端末の指定が必要です</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>the monitor listens to this host</source>
      <translation>モニターがこのホストを受信中</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the most that the access rules allow</source>
      <translation>アクセス規則の上限に達しました</translation>
    </message>
    <message>
      <location filename="../../appliance/client/causes.py" />
      <source>the name cannot be resolved ({why})</source>
      <translation>名前を解決できません ({why})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the nonce is too long</source>
      <translation>ノンスが長すぎます</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the other TMR host is not ready</source>
      <translation>もう一方の TMR ホストの準備ができていません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the outcome is unknown, repeat it</source>
      <translation>結果は不明、繰り返してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the proof, a number or who is too long</source>
      <translation>証明、数、who のいずれかが長すぎます</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the reason holds the name, and it stays in the record: give one without it</source>
      <translation>理由に名前が含まれており、記録に残ります: 名前を含まない理由を入力してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the receipt is of another ledger</source>
      <translation>レシートは別の台帳のものです</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the receipt proves nothing: {said}</source>
      <translation>レシートは何も証明していません: {said}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the record has more than {most} entries: use `tmr usage report`, which reads all of them</source>
      <translation>記録は {most} 件を超えています: 全件を読む `tmr usage report` を使ってください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the record of its {table} is not as it was written</source>
      <translation>{table} のレコードが書き込まれたときのものと異なります</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the record was not read in time: use `tmr usage report`, or repeat it</source>
      <translation>記録を時間内に読み取れませんでした: `tmr usage report` を使うか、再度実行してください</translation>
    </message>
    <message>
      <source>the releases of {hosts} do not know the rules that are in force</source>
      <extracomment>problem not-serving</extracomment>
      <translation>{hosts} のリリースが有効なルールに対応していません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the report has {count} lines, and {most} are given at once: ask for a shorter time, or use `tmr usage report`</source>
      <translation>レポートは {count} 行ありますが、一度に返せるのは {most} 行です: 期間を短くするか `tmr usage report` を使ってください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the rules are not raised yet</source>
      <translation>ルールがまだ引き上げられていません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the rules take at most {most} bytes</source>
      <translation>規則は最大 {most} バイトです</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <source>the server answered without being asked</source>
      <translation>サーバーが要求なしに応答しました</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <source>the server closed the connection</source>
      <translation>サーバーが接続を閉じました</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the server does not speak HTTP/1.1 ({why})</source>
      <translation>サーバーが HTTP/1.1 を話しません ({why})</translation>
    </message>
    <message>
      <location filename="../../appliance/client/streams.py" />
      <source>the server does not start the event stream</source>
      <translation>サーバーがイベントストリームを開始しません</translation>
    </message>
    <message>
      <location filename="../../appliance/client/listing.py" />
      <source>the server lists more than {bound} leases</source>
      <translation>サーバーが {bound} 件を超えるリースを返しました</translation>
    </message>
    <message>
      <location filename="../../appliance/client/listing.py" />
      <source>the server lists more than {bound} licences</source>
      <translation>サーバーが {bound} 件を超えるライセンスを返しました</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the server refused this client's TLS ({why}); use a client certificate that was issued for this installation</source>
      <translation>サーバーがこのクライアントの TLS を拒否しました ({why})。この環境用に発行されたクライアント証明書を使ってください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the server refused this client's certificate as expired; have a new one issued, or have the server's clock looked at if it has not expired</source>
      <translation>サーバーはこのクライアントの証明書を期限切れとして拒否しました。新しい証明書を発行してもらうか、期限内であればサーバーの時計を確認してもらってください</translation>
    </message>
    <message>
      <location filename="../../appliance/client/wire.py" />
      <source>the server's answer is not a {kind} ({why})</source>
      <translation>サーバーの応答は {kind} ではありません ({why})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the server's certificate has expired by this computer's clock ({now}); set the clock if it is wrong, else have the server's certificate renewed</source>
      <translation>このコンピューターの時計 ({now}) ではサーバーの証明書は期限切れです。時計が誤っていれば合わせ、正しければサーバーの証明書を更新してもらってください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the server's certificate is not accepted ({why}); check the CA file and the address in the client profile</source>
      <translation>サーバーの証明書を受け入れられません ({why})。クライアントプロファイルの CA ファイルとアドレスを確認してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the server's certificate is not valid yet by this computer's clock ({now}); set this computer's clock, then repeat</source>
      <translation>このコンピューターの時計 ({now}) ではサーバーの証明書はまだ有効ではありません。このコンピューターの時計を合わせてから、もう一度行ってください</translation>
    </message>
    <message>
      <location filename="../../appliance/client/listing.py" />
      <source>the server's pages of leases lead nowhere</source>
      <translation>サーバーのリース一覧のページが続きません</translation>
    </message>
    <message>
      <location filename="../../appliance/client/listing.py" />
      <source>the server's pages of licences lead nowhere</source>
      <translation>サーバーのライセンス一覧のページが続きません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the settlement is not proven</source>
      <translation>精算が証明されていません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the signer of the time-stamp of {url} is not trusted here ({said})</source>
      <translation>{url} のタイムスタンプの署名者はここでは信頼されていません ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the snapshot belongs to another log</source>
      <translation>スナップショットが別のログのものです</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the snapshot is of entry {index}, not of {wanted}</source>
      <translation>スナップショットは {wanted} ではなく項目 {index} のものです</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the snapshot of entry {index} is not here, or cut short</source>
      <translation>項目 {index} のスナップショットがないか、途中で切れています</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the store is not replaced yet</source>
      <translation>ストアはまだ交換されていません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the store of {host} did not sign this</source>
      <translation>{host} のストアはこれに署名していません</translation>
    </message>
    <message>
      <source>the store of {host} has no vote</source>
      <extracomment>problem store-no-vote</extracomment>
      <translation>{host} のストアに投票権がありません</translation>
    </message>
    <message>
      <source>the store of {host} takes no part</source>
      <extracomment>problem store-damaged</extracomment>
      <translation>{host} のストアは参加していません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the store was not replaced</source>
      <translation>ストアは交換されませんでした</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the time of {url} is {beyond_ms} ms later than is possible: from the future</source>
      <translation>{url} の時刻はありえない値より {beyond_ms} ms 進んでいます: 未来の時刻です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the time of {url} may be off by more than is allowed ({said})</source>
      <translation>{url} の時刻の誤差が許容を超えている可能性があります ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the time-stamp of {url} does not carry the nonce of our query</source>
      <translation>{url} のタイムスタンプに要求のノンスがありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the time-stamp of {url} is for another request than ours</source>
      <translation>{url} のタイムスタンプは別の要求に対するものです</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the token is not enrolled: ask an administrator</source>
      <translation>トークンは登録されていません: 管理者に問い合わせてください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the units to consume must be 1 or more</source>
      <translation>消費するユニットは 1 以上です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the upstreams wait for a restore</source>
      <translation>アップストリームは復元を待っています</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>the upstreams were told to restore different things</source>
      <translation>アップストリームごとに異なる復元を指示されています</translation>
    </message>
    <message>
      <source>the usage period of licence {licence} ends in {left_s}</source>
      <extracomment>problem usage-period</extracomment>
      <translation>ライセンス {licence} の使用期間は残り {left_s}</translation>
    </message>
    <message>
      <source>the usage period of licence {licence} is over</source>
      <extracomment>problem usage-period</extracomment>
      <translation>ライセンス {licence} の使用期間は終了しました</translation>
    </message>
    <message>
      <source>the vendor blocked the container of {host}</source>
      <extracomment>problem container-locked</extracomment>
      <translation>ベンダーが {host} のコンテナをブロックしました</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>the vendor refuses, or is not reached</source>
      <translation>ベンダーが拒否したか、到達できません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>the virtual IP is on {hosts} at once</source>
      <translation>仮想 IP が {hosts} に同時にあります</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>the virtual IP moved from {other} to {host}</source>
      <translation>仮想 IP が {other} から {host} へ移りました</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>the vote</source>
      <translation>投票時刻</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>there are at most {most} rules</source>
      <translation>規則は最大 {most} 件です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>there are at most {sets} sets and {groups} groups</source>
      <translation>規則セットは最大 {sets} 件、グループは最大 {groups} 件です</translation>
    </message>
    <message>
      <source>there are two logs, both vouched for, and nobody may choose one</source>
      <extracomment>problem not-serving</extracomment>
      <translation>保証されたログが 2 つあり、自動では選べません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>there is no container {name}, but {there}</source>
      <translation>コンテナ {name} はありません。あるのは {there} です</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/direct.py" />
      <source>there is no file {path}; name a client profile (TOML)</source>
      <translation>ファイル {path} がありません。クライアントプロファイル (TOML) を指定してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>there is no higher version</source>
      <translation>これより上のバージョンはありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>there is no licence {licence} that two containers hold</source>
      <translation>2 つのコンテナが保持するライセンス {licence} はありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>there is no such upstream: ask for up1, up2 or up3</source>
      <translation>そのアップストリームはありません: up1、up2、up3 のいずれかを指定してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>there is nothing to copy yet</source>
      <translation>コピーするものがまだありません</translation>
    </message>
    <message>
      <location filename="../../appliance/client/engine.py" />
      <source>this client is closed</source>
      <translation>このクライアントは閉じられています</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>this computer has no network that leads there</source>
      <translation>このコンピューターにはそこへつながるネットワークがありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>this computer's network is down</source>
      <translation>このコンピューターのネットワークは停止しています</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>this counter is far beyond any other</source>
      <translation>このカウンターは他のどれよりもはるかに大きい値です</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>this host does not serve</source>
      <translation>このホストは稼働していません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>this ledger uses rules {in_force}, this release knows {known}: install a newer one</source>
      <translation>この台帳はルール {in_force} を使っており、このリリースは {known} までしか知りません: 新しいものをインストールしてください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>this log has an entry {index} of its own, and nobody can compare here</source>
      <translation>このログには独自のエントリ {index} があり、ここでは比較できません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>this needs an operator certificate with role {role}</source>
      <translation>役割 {role} のオペレーター証明書が必要です</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/app.py" />
      <source>this program is not installed completely ({why})</source>
      <translation>このプログラムは完全にインストールされていません ({why})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>this store does not vote</source>
      <translation>このストアに投票権はありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>this store signed entry {index}, but ends at {last}: it lost what it had stored</source>
      <translation>このストアは項目 {index} に署名しましたが、{last} で終わっています: 保存したものを失いました</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/ssh.py" />
      <source>this user has no home directory, so there is no ~/.ssh/known_hosts to know the host by: set HOME</source>
      <translation>このユーザーにはホームディレクトリがなく、ホストを確認する ~/.ssh/known_hosts もありません。HOME を設定してください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/ssh.py" />
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>through SSH by {target}</source>
      <translation>SSH 経由 {target}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>token_hash is SHA-256 of the token: {bytes} bytes</source>
      <translation>token_hash はトークンの SHA-256 で、{bytes} バイトです</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>too few upstreams vouch for it now: repeat it with the same id</source>
      <translation>保証するアップストリームが足りません: 同じ ID で再送してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>too few votes</source>
      <translation>票が足りません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>too large</source>
      <translation>大きすぎます</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>too late</source>
      <translation>遅すぎます</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>too many clients</source>
      <translation>クライアントが多すぎます</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>too many dismissed certificates</source>
      <translation>失効した証明書が多すぎます</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>too many leases</source>
      <translation>リースが多すぎます</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>too many listeners</source>
      <translation>受信者が多すぎます</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>too many requests at once</source>
      <translation>一度の要求が多すぎます</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>too many reservations open</source>
      <translation>未精算の予約が多すぎます</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>too many wait already</source>
      <translation>待っている要求が多すぎます</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>too much of this log is not committed</source>
      <translation>このログの未確定部分が多すぎます</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>too much to keep aside</source>
      <translation>控えておくには多すぎます</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>true or false</source>
      <translation>true または false</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>try again later, or ask an operator to release a seat</source>
      <translation>後でもう一度試すか、オペレーターにシートの解放を依頼してください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>try again when one is back (`tmr borrow list`), or use the seat online</source>
      <translation>1 つ返却されてからもう一度試すか (`tmr borrow list`)、オンラインでシートを使ってください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>try again when one is free, or ask an administrator</source>
      <translation>空きが出てから再試行するか、管理者に問い合わせてください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>try again when one is free, or ask an operator to release one</source>
      <translation>空きが出てから再試行するか、オペレーターに解放を依頼してください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>try again when some have ended</source>
      <translation>いくつか終了してから再試行してください</translation>
    </message>
    <message>
      <source>two ledgers are served as one virtual container</source>
      <extracomment>problem two-systems</extracomment>
      <translation>1 つの仮想コンテナとして 2 つの台帳が使われています</translation>
    </message>
    <message>
      <source>two logs: the disk of {host} was put back, {other} knows more</source>
      <extracomment>problem disk-put-back</extracomment>
      <translation>2 つのログ: {host} のディスクが以前の状態に戻され、{other} の記録の方が進んでいます</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>two others sealed another state after entry {index}: its own licence state went wrong</source>
      <translation>他の 2 台が項目 {index} の後の別の状態を封印しました: 自身のライセンス状態が誤っています</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>two stores that vote have not sealed it</source>
      <translation>投票権のある 2 つのストアによる封印がありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>two upstreams adopted the log</source>
      <translation>2 台のアップストリームがログを採用しました</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>two upstreams are willing</source>
      <translation>2 台のアップストリームが応じます</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>two upstreams hear another coordinator</source>
      <translation>2 台のアップストリームが別のコーディネーターの通信を受けています</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>unconfirmed</source>
      <translation>未確認</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>units</source>
      <translation>ユニット</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>units denied</source>
      <translation>ユニット拒否</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>units exhausted</source>
      <translation>ユニット切れ</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>units not confirmed</source>
      <translation>ユニット数が未確認</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>units used</source>
      <translation>ユニット消費</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>units used, {left} left</source>
      <translation>ユニット消費、残り {left}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <location filename="../../monitor_gui/qt/scene.py" />
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>unknown</source>
      <translation>不明</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>unknown product</source>
      <translation>不明な製品</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>unlock {name}</source>
      <translation>{name} のコンテナのロックを解除</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <location filename="../../monitor_gui/qt/licences.py" />
      <location filename="../../monitor_gui/qt/scene.py" />
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>unreachable</source>
      <translation>到達不能</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>unreachable, does not vote</source>
      <translation>到達不能、投票に不参加</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>unsettled units</source>
      <translation>未精算ユニット</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>up</source>
      <translation>稼働</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>update it with `tmr time update`</source>
      <translation>`tmr time update` で更新してください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>update the time with `tmr time update`, or import an update of the vendor's</source>
      <translation>`tmr time update` で時刻を更新するか、ベンダーの更新を取り込んでください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>upgrade the hosts that `tmr rules status` names, then `tmr rules raise`</source>
      <translation>`tmr rules status` が挙げるホストをアップグレードしてから `tmr rules raise` を実行してください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <location filename="../../monitor_gui/qt/hosts.py" />
      <source>upstream</source>
      <translation>アップストリーム</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>upstreams unreachable: {names}</source>
      <translation>到達不能なアップストリーム: {names}</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>usage period</source>
      <translation>使用期間</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>usage period over</source>
      <translation>使用期間終了</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>usage period reset</source>
      <translation>使用期間リセット</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>use a release of that time, or ask the vendor for maintenance</source>
      <translation>その期間のリリースを使うか、ベンダーに保守を依頼してください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>use another licence, or ask the vendor to reset its usage period</source>
      <translation>別のライセンスを使うか、ベンダーに使用期間のリセットを依頼してください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>use it as it is</source>
      <translation>そのまま使ってください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>use it online, or ask whoever runs the licence servers</source>
      <translation>オンラインで使うか、ライセンスサーバーの管理者に相談してください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>use it without consuming units</source>
      <translation>ユニットを消費せずに使ってください</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>use switchover, maintenance-on or maintenance-off</source>
      <translation>switchover、maintenance-on、maintenance-off のいずれかを使ってください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>used exclusively at this station</source>
      <translation>この端末で排他的に使用中</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/options/__init__.py" />
      <source>user limit</source>
      <translation>ユーザー数制限</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>version {version} is not remembered: apply the document</source>
      <translation>バージョン {version} は保存されていません: 文書を適用してください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>virtual</source>
      <translation>仮想</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>virtual IP</source>
      <translation>仮想 IP</translation>
    </message>
    <message>
      <location filename="../../appliance/licences/reasons.py" />
      <source>wait, or ask the vendor to change that</source>
      <translation>待つか、ベンダーに変更を依頼してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>waits for a promise, and doubts what was promised ({doubts})</source>
      <translation>約束を待っており、約束された内容を疑っています ({doubts})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>waits for a promise: {why}</source>
      <translation>約束を待っています: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>waits for a promise: {why}; and doubts what was promised ({doubts})</source>
      <translation>約束を待っています: {why}。約束された内容を疑っています ({doubts})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>waits for promises</source>
      <translation>約束を待っています</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/alerts.py" />
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>warning</source>
      <translation>警告</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>what is to be restored uses newer rules than this release knows</source>
      <translation>復元するものは、このリリースが知るものより新しいルールを使っています</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>what it made of entry {index} is not what both other upstreams made of it: its own licence state went wrong</source>
      <translation>項目 {index} の結果が他の 2 台のアップストリームの結果と異なります: 自身のライセンス状態が誤っています</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>what it sends is no message ({said})</source>
      <translation>送ってくるものがメッセージではありません ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>what its holder says of it cannot be</source>
      <translation>保持しているホストの申告がありえないものです</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/wire_words.py" />
      <source>what was borrowed is over</source>
      <translation>貸出は終了しています</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>what was put aside is another snapshot than the one that was sealed</source>
      <translation>控えてあるスナップショットが封印されたものと異なります</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>what {host} knows is its store's to sign</source>
      <translation>{host} が知る内容には、そのストアの署名が必要です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>who is too long</source>
      <translation>who が長すぎます</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>who or why is too long</source>
      <translation>who または why が長すぎます</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>who waits may be overtaken 0 to {most} times</source>
      <translation>待っている者が追い越される回数は 0 から {most} までです</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>who waits says 0 to {most} seconds</source>
      <translation>待ち時間は 0 から {most} 秒です</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/licences.py" />
      <source>written off as lost at {time}</source>
      <translation>{time} に紛失扱い</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/activity.py" />
      <source>{action} by {who}</source>
      <translation>{who} による {action}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{action} is no action: use switchover, maintenance-on or maintenance-off</source>
      <translation>{action} という操作はありません: switchover、maintenance-on、maintenance-off のいずれかを使ってください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>{action} {host} by {who}: {why}</source>
      <translation>{who} による {action} ({host}): {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{address} ({link}) sends VRRP adverts for our router id {vrid} (priority {priority})</source>
      <translation>{address} ({link}) が当方のルーター ID {vrid} で VRRP 広告を送信しています (優先度 {priority})</translation>
    </message>
    <message>
      <source>{address} does not answer from here ({why})</source>
      <extracomment>problem address-silent</extracomment>
      <translation>{address} がここから応答しません ({why})</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/ages.py" />
      <source>{age} ago</source>
      <translation>{age}前</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>{age} old</source>
      <translation>{age}経過</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{client} asks for more than {per_s} check-outs, units and check-ins a second: wait a second, then repeat it with the same id</source>
      <translation>{client} の要求が毎秒 {per_s} 件 (チェックアウト、ユニット、返却) を超えています: 1 秒待ってから同じ ID で再送してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{client} has {count} event streams: close one first</source>
      <translation>{client} のイベントストリームは {count} 本です: 先に 1 本閉じてください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{client} has {count} requests under way, the most it may</source>
      <translation>{client} の処理中の要求は {count} 件で、これが上限です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{count} requests are under way here</source>
      <translation>ここでは {count} 件の要求を処理中です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{count} time updates are under way: wait until one ends</source>
      <translation>{count} 件の時刻更新が進行中です: いずれかが終わるまで待ってください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/tables.py" />
      <source>{count} …</source>
      <translation>{count} …</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/ages.py" />
      <source>{d} d {h} h</source>
      <translation>{d} 日 {h} 時間</translation>
    </message>
    <message>
      <source>{fault}</source>
      <extracomment>problem settings</extracomment>
      <translation>{fault}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{field} has to be 1 to {most}</source>
      <translation>{field} は 1 から {most} まででなければなりません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{field} has {bytes} bytes, not {least} to {most}</source>
      <translation>{field} は {bytes} バイトですが、{least} から {most} バイトまでです</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{field} is longer than {most} characters</source>
      <translation>{field} が {most} 文字を超えています</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{field} is out of range</source>
      <translation>{field} が範囲外です</translation>
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
      <translation>{header} は 1 以上のミリ秒数です</translation>
    </message>
    <message>
      <source>{hosts} both hold the address {address}</source>
      <extracomment>problem address-twice</extracomment>
      <translation>{hosts} が共にアドレス {address} を保持しています</translation>
    </message>
    <message>
      <source>{hosts} both say that they serve; the upstreams let only one</source>
      <extracomment>problem two-active</extracomment>
      <translation>{hosts} が共に稼働中と言っています。アップストリームが許すのは 1 台だけです</translation>
    </message>
    <message>
      <source>{hosts} do not answer; more is told only to operators</source>
      <extracomment>problem told-in-short</extracomment>
      <translation>{hosts} が応答しません。詳細はオペレーターにのみ示されます</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{hosts} do not answer; two of three upstreams are needed</source>
      <translation>{hosts} が応答しません。3 台中 2 台のアップストリームが必要です</translation>
    </message>
    <message>
      <source>{hosts} do not hear each other, though both answer</source>
      <extracomment>problem twins-apart</extracomment>
      <translation>{hosts} はどちらも応答しますが、互いに通信できません</translation>
    </message>
    <message>
      <source>{hosts} get no certified time from {url}: {why}</source>
      <extracomment>problem time-server</extracomment>
      <translation>{hosts} は {url} から認証時刻を取得できません: {why}</translation>
    </message>
    <message>
      <source>{hosts} serve two different ledgers as one virtual container, {serial}</source>
      <extracomment>problem two-systems</extracomment>
      <translation>{hosts} が 1 つの仮想コンテナ {serial} として 2 つの異なる台帳で応答しています</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>{host} answers again</source>
      <translation>{host} が再び応答しています</translation>
    </message>
    <message>
      <source>{host} answers but does not take part: it holds another log than the one that serves</source>
      <extracomment>problem upstream-apart</extracomment>
      <translation>{host} は応答しますが参加していません: 稼働側とは別のログを保持しています</translation>
    </message>
    <message>
      <source>{host} answers but does not take part: {why}</source>
      <extracomment>problem upstream-apart</extracomment>
      <translation>{host} は応答しますが参加していません: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} claims for {claimed}</source>
      <translation>{host} が {claimed} のために任期を求めています</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} did not say within {within_s} s</source>
      <translation>{host} から {within_s} 秒以内に返事がありませんでした</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <location filename="../../monitor_gui/feed/demo.py" />
      <location filename="../../monitor_gui/model/timeline.py" />
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} does not answer</source>
      <extracomment>problem upstream-down</extracomment>
      <translation>{host} が応答しません</translation>
    </message>
    <message>
      <source>{host} does not answer ({why}): the next upstream lost ends the service</source>
      <extracomment>problem upstream-down</extracomment>
      <translation>{host} が応答しません ({why})。あと 1 台失うとサービスが止まります</translation>
    </message>
    <message>
      <source>{host} does not answer: nobody could take over</source>
      <extracomment>problem tmr-down</extracomment>
      <translation>{host} が応答しません。引き継げるホストがありません</translation>
    </message>
    <message>
      <source>{host} does not answer: the next upstream lost ends the service</source>
      <extracomment>problem upstream-down</extracomment>
      <translation>{host} が応答しません。あと 1 台失うとサービスが止まります</translation>
    </message>
    <message>
      <source>{host} does not hear the VRRP adverts of the host with the address</source>
      <extracomment>problem adverts-not-heard</extracomment>
      <translation>{host} にアドレス保持ホストの VRRP 広告が届いていません</translation>
    </message>
    <message>
      <source>{host} does not know the rules in force</source>
      <extracomment>problem host-outdated</extracomment>
      <translation>{host} は有効なルールに対応していません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/ssh.py" />
      <source>{host} does not let {user} in: check the user, the key file and the agent</source>
      <translation>{host} が {user} を受け入れません。ユーザー、鍵ファイル、エージェントを確認してください</translation>
    </message>
    <message>
      <source>{host} does not take part: it holds another log than the one that serves</source>
      <extracomment>problem upstream-apart</extracomment>
      <translation>{host} は参加していません: 稼働側とは別のログを保持しています</translation>
    </message>
    <message>
      <source>{host} does not take part: {why}</source>
      <extracomment>problem upstream-apart</extracomment>
      <translation>{host} は参加していません: {why}</translation>
    </message>
    <message>
      <source>{host} gets no certified time from {url}: {why}</source>
      <extracomment>problem time-server</extracomment>
      <translation>{host} は {url} から認証時刻を取得できません: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} gives no record now: ask another upstream</source>
      <translation>{host} は現在記録を返せません: 別のアップストリームを指定してください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} has another log</source>
      <translation>{host} のログは別のものです</translation>
    </message>
    <message>
      <source>{host} has the address and takes a term</source>
      <extracomment>problem not-serving</extracomment>
      <translation>{host} がアドレスを保持し、任期を開始しています</translation>
    </message>
    <message>
      <source>{host} has the address and takes a term ({why})</source>
      <extracomment>problem not-serving</extracomment>
      <translation>{host} がアドレスを保持し、任期を開始しています ({why})</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>{host} is active: it hands over first, then stays passive until its maintenance ends. Meanwhile there is no spare TMR host.</source>
      <translation>{host} はアクティブです。先に引き継ぎ、メンテナンス終了までパッシブのままです。その間、予備の TMR ホストはありません。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} is in maintenance</source>
      <translation>{host} はメンテナンス中です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} is in maintenance already</source>
      <translation>{host} はすでにメンテナンス中です</translation>
    </message>
    <message>
      <source>{host} is in maintenance: nobody could take over</source>
      <extracomment>problem maintenance</extracomment>
      <translation>{host} はメンテナンス中です。引き継げるホストがありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>{host} is lost</source>
      <translation>{host} を失いました</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} is none of {known}</source>
      <translation>{host} は {known} のどれでもありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/dialogs.py" />
      <source>{host} is not known on this computer yet.</source>
      <translation>{host} はこのコンピューターではまだ未知です。</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <source>{host} is silent in the TLS handshake</source>
      <translation>{host} が TLS ハンドシェイクに応答しません</translation>
    </message>
    <message numerus="yes">
      <source>{host} is {n} entries behind</source>
      <extracomment>problem upstream-behind</extracomment>
      <translation>
        <numerusform>{host} は {n} 項目遅れています</numerusform>
      </translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} is; repeat the request with the same id</source>
      <translation>{host} が担当しています。同じ ID で要求を繰り返してください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>{host} left maintenance</source>
      <translation>{host} のメンテナンスが終わりました</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>{host} may serve again. Nothing changes for clients now.</source>
      <translation>{host} は再び稼働できます。クライアントに影響はありません。</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} promised {term}</source>
      <translation>{host} は {term} を約束しました</translation>
    </message>
    <message>
      <source>{host} reaches {reached} of three upstreams: nobody could take over</source>
      <extracomment>problem standby-cut-off</extracomment>
      <translation>{host} が到達できるアップストリームは 3 台中 {reached} 台です。引き継げるホストがありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} reaches {reached} upstreams</source>
      <translation>{host} が到達できるアップストリームは {reached} 台です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} said something newer</source>
      <translation>{host} からはより新しい申告があります</translation>
    </message>
    <message>
      <source>{host} says that something is wrong, and tells only operators what</source>
      <extracomment>problem told-in-short</extracomment>
      <translation>{host} は異常があると伝えており、内容はオペレーターにのみ示されます</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>{host} serves (seen when the monitor began to look)</source>
      <translation>{host} が稼働中 (モニターの監視開始時)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>{host} serves again</source>
      <translation>{host} が再び稼働しています</translation>
    </message>
    <message>
      <source>{host} serves but did not lately tell how it is: its disk and clock are unknown</source>
      <extracomment>problem report-old</extracomment>
      <translation>{host} は稼働中ですが、最近の状態報告がありません。ディスクと時計の状態は不明です</translation>
    </message>
    <message>
      <source>{host} serves but never did tell how it is: its disk and clock are unknown</source>
      <extracomment>problem report-old</extracomment>
      <translation>{host} は稼働中ですが、状態報告が一度もありません。ディスクと時計の状態は不明です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{host} serves with this certificate: give it a new one first, or let the other host serve</source>
      <translation>{host} はこの証明書でサービス中です: 先に新しい証明書を入れるか、もう一方のホストに切り替えてください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/ssh.py" />
      <source>{host} shows another key each time: do not connect</source>
      <translation>{host} は毎回異なる鍵を示します。接続しないでください</translation>
    </message>
    <message>
      <source>{host} takes no part: this ledger uses rules {in_force}, its release knows {known}</source>
      <extracomment>problem host-outdated</extracomment>
      <translation>{host} は参加していません: この台帳はルール {in_force} を使いますが、そのリリースが対応しているのは {known} です</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/timeline.py" />
      <source>{host} took over from {other}</source>
      <translation>{host} が {other} から引き継ぎました</translation>
    </message>
    <message>
      <location filename="../../appliance/client/transport.py" />
      <source>{host} was not resolved in time</source>
      <translation>{host} の名前を時間内に解決できませんでした</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>{host} will not take over until its maintenance ends. Meanwhile there is no spare TMR host: a failure of {active} would end the service.</source>
      <translation>{host} はメンテナンス終了まで引き継ぎません。その間は予備がなく、{active} が故障するとサービスが止まります。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/ages.py" />
      <source>{h} h {m} min</source>
      <translation>{h} 時間 {m} 分</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{key} is there twice: which of the two counts?</source>
      <translation>{key} が 2 つあります: どちらが有効ですか?</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/failover.py" />
      <source>{least} to {most}</source>
      <translation>{least} 〜 {most}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/commands.py" />
      <source>{menu}: {title}</source>
      <translation>{menu}: {title}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{method} is not for this resource</source>
      <translation>{method} はこのリソースに使えません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <source>{mib} MiB</source>
      <translation>{mib} MiB</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/phrases.py" />
      <source>{most} and {last}</source>
      <translation>{most} と {last}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{most} certificates are dismissed that have not ended yet, which is all that can be; let another authority take over (`tmr pki rotate`)</source>
      <translation>期限前に無効化された証明書が {most} 件あり、これが上限です。別の認証局に切り替えてください (`tmr pki rotate`)</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{most} check-outs wait for {product}, which is all that can; {remedy}</source>
      <translation>{product} を {most} 件が待っており、これが上限です。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{most} check-outs wait, which is all that can; {remedy}</source>
      <translation>{most} 件が待っており、これが上限です。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{most} clients are enrolled, which is all that can be; dismiss one first, or use client certificates</source>
      <translation>{most} 件のクライアントが登録されており、これが上限です。先に 1 つ削除するか、クライアント証明書を使ってください</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{most} hosts are in maintenance, which is all that can be</source>
      <translation>{most} 台のホストが保守中で、これが上限です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{most} loans are out, which is all that can be; {remedy}</source>
      <translation>貸し出しは {most} 件で、これが上限です。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{most} loans of this client are out, which is all that can be; {remedy}</source>
      <translation>このクライアントの貸し出しは {most} 件で、これが上限です。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{most} products have such a limit, which is all that can be</source>
      <translation>{most} 製品にこの上限があり、これ以上は設定できません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{most} unit counters were used, which is all that can be</source>
      <translation>{most} 個のユニットカウンターが使用済みで、これが上限です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{most} updates wait for their containers already: bring their hosts back, or import this file there by `tmr container import`</source>
      <translation>すでに {most} 件の更新がコンテナを待っています。そのホストを復帰させるか、そこで `tmr container import` を使ってこのファイルを取り込んでください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/ages.py" />
      <source>{m} min {s} s</source>
      <translation>{m} 分 {s} 秒</translation>
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
      <translation>{name} (未保存)</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/thread.py" />
      <source>{name} ({why})</source>
      <translation>{name} ({why})</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>{name} has a wrong time.</source>
      <translation>{name} の時刻が狂っています。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>{name} has power again.</source>
      <translation>{name} の電源が戻りました。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>{name} has room again.</source>
      <translation>{name} のディスクに空きができました。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>{name} has the right time again.</source>
      <translation>{name} の時刻が直りました。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>{name} is followed now. {more}</source>
      <translation>現在 {name} を監視中です。{more}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>{name} is in maintenance; end that first.</source>
      <translation>{name} はメンテナンス中です。先に終了してください。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>{name} lost power.</source>
      <translation>{name} の電源が切れました。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>{name} reaches both time servers.</source>
      <translation>{name} は両方のタイムサーバーに到達できます。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>{name} reaches one time server.</source>
      <translation>{name} は 1 台のタイムサーバーにのみ到達できます。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/status_line.py" />
      <source>{name} · {route} · {identity} ({role}){only}</source>
      <translation>{name} · {route} · {identity} ({role}){only}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>{name}'s container is locked.</source>
      <translation>{name} のコンテナはロックされました。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/demo.py" />
      <source>{name}'s container is not locked any more.</source>
      <translation>{name} のコンテナのロックが解除されました。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>{name}, outvoted</source>
      <translation>{name}、多数決で除外</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/connections.py" />
      <source>{name}: followed now</source>
      <translation>{name}: 現在監視中</translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/findings.py" />
      <source>{n} days</source>
      <translation>
        <numerusform>{n} 日</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/activity.py" />
      <source>{n} events were not shown</source>
      <translation>
        <numerusform>{n} 件のイベントは表示されませんでした</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/findings.py" />
      <source>{n} hours</source>
      <translation>
        <numerusform>{n} 時間</numerusform>
      </translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>{n} in the last minute</source>
      <translation>直近 1 分間に {n}</translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>{n} leases</source>
      <translation>
        <numerusform>リース {n} 件</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>{n} licences available</source>
      <translation>
        <numerusform>利用可能なライセンス {n} 件</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/findings.py" />
      <source>{n} minutes</source>
      <translation>
        <numerusform>{n} 分</numerusform>
      </translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/ages.py" />
      <source>{n} ms</source>
      <translation>{n} ミリ秒</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/streams.py" />
      <location filename="../../monitor_gui/qt/tables.py" />
      <source>{n} of {all}</source>
      <translation>{all} 件中 {n} 件</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/ages.py" />
      <source>{n} s</source>
      <translation>{n} 秒</translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/findings.py" />
      <source>{n} seconds</source>
      <translation>
        <numerusform>{n} 秒</numerusform>
      </translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/findings.py" />
      <source>{off} s</source>
      <translation>{off} 秒</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{out} of {most} seats of licence {licence} that may be borrowed are out, or may be, since this ledger was restored from a backup; {remedy}</source>
      <translation>ライセンス {licence} の貸し出し可能な {most} シートのうち {out} シートが貸し出し中か、この台帳がバックアップから復元されたためその可能性があります。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{out} of {most} seats of licence {licence} that may be borrowed are out; {remedy}</source>
      <translation>ライセンス {licence} の貸し出し可能な {most} シートのうち {out} シートが貸し出し中です。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/client/profile.py" />
      <location filename="../../monitor_gui/feed/direct.py" />
      <source>{path} cannot be looked at: {why}</source>
      <translation>{path} を調べられません: {why}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/feed/direct.py" />
      <source>{path} cannot be read ({why})</source>
      <translation>{path} を読めません ({why})</translation>
    </message>
    <message>
      <location filename="../../appliance/client/profile.py" />
      <source>{path} cannot be read: {why}</source>
      <translation>{path} を読めません: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/client/profile.py" />
      <source>{path} is no TOML: {why}</source>
      <translation>{path} は TOML ではありません: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/client/profile.py" />
      <source>{path} names {other}, which does not exist or is not a file</source>
      <translation>{path} が指す {other} はファイルではありません</translation>
    </message>
    <message>
      <location filename="../../appliance/client/profile.py" />
      <source>{path}: addresses is empty; name the virtual IP and its port</source>
      <translation>{path}: addresses が空です。仮想 IP とポートを指定してください</translation>
    </message>
    <message>
      <location filename="../../appliance/client/profile.py" />
      <source>{path}: certificate and key belong together; set both or neither</source>
      <translation>{path}: certificate と key は一組です。両方設定するか、どちらも設定しないでください</translation>
    </message>
    <message>
      <location filename="../../appliance/client/profile.py" />
      <source>{path}: set only one of certificate, token and token_file, since each is an identity</source>
      <translation>{path}: certificate、token、token_file はそれぞれ身元なので、1 つだけ設定してください</translation>
    </message>
    <message>
      <location filename="../../appliance/client/profile.py" />
      <source>{path}: the address "{text}" is not of the form host:port</source>
      <translation>{path}: アドレス「{text}」は host:port の形式ではありません</translation>
    </message>
    <message>
      <location filename="../../appliance/client/profile.py" />
      <source>{path}: token_file cannot be read ({why})</source>
      <translation>{path}: token_file を読めません ({why})</translation>
    </message>
    <message>
      <location filename="../../appliance/client/profile.py" />
      <source>{path}: {name} is no setting of a profile any more; remove the line: a program brings its trust with it, compiled in (docs/programs.md)</source>
      <translation>{path}: {name} はプロファイルの設定ではなくなりました。この行を削除してください。何を信頼するかはプログラム自体に組み込まれます (docs/programs.md)</translation>
    </message>
    <message>
      <location filename="../../appliance/client/profile.py" />
      <source>{path}: {name} names {other}, which does not exist or is not a file</source>
      <translation>{path}: {name} が指す {other} はファイルではありません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{phase} took too long</source>
      <translation>{phase} に時間がかかりすぎました</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{phase} took too long, and what was promised is doubted ({doubts})</source>
      <translation>{phase} に時間がかかりすぎ、約束された内容が疑われています ({doubts})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{product} has {left} units left, fewer than the {units} asked for; {remedy}</source>
      <translation>{product} の残りは {left} ユニットで、要求の {units} ユニットに足りません。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{product} has {units} units, but of more licences than one request can take from ({most}); ask for fewer units at a time</source>
      <translation>{product} には {units} ユニットありますが、1 つの要求で使えるライセンス数 ({most}) を超えて分散しています。一度に要求するユニットを減らしてください</translation>
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
      <translation>{sign} {n} / 3</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/findings.py" />
      <source>{size} GiB</source>
      <translation>{size} GiB</translation>
    </message>
    <message>
      <location filename="../../appliance/client/surroundings.py" />
      <source>{source} names {path}, and whose home directory that is, is not known here; write the whole path</source>
      <translation>{source} は {path} を指していますが、どのホームディレクトリか分かりません。完全なパスを書いてください</translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>{spare} will serve instead of {active}. {n} leases stay. The client library repeats requests that fail meanwhile.</source>
      <translation>
        <numerusform>{active} に代わり {spare} が稼働します。リース {n} 件は維持され、その間の要求はクライアントライブラリが自動で再送します。</numerusform>
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
      <translation>{time}、{age}経過</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/window.py" />
      <source>{title} ({n})</source>
      <translation>{title} ({n})</translation>
    </message>
    <message>
      <source>{unit} does not run on {host} ({state})</source>
      <extracomment>problem unit-down</extracomment>
      <translation>{host} で {unit} が動作していません ({state})</translation>
    </message>
    <message>
      <source>{unit} was restarted {count} times on {host}</source>
      <extracomment>problem unit-restarts</extracomment>
      <translation>{host} で {unit} が {count} 回再起動されました</translation>
    </message>
    <message>
      <source>{unit} would not start with {host} ({state})</source>
      <extracomment>problem unit-disabled</extracomment>
      <translation>{host} の起動時に {unit} は開始されません ({state})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{url} and {other} are {apart_ms} ms apart, and nothing tells who is right</source>
      <translation>{url} と {other} は {apart_ms} ms ずれており、どちらが正しいか分かりません</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{url} answers with more than {most} bytes; not read on{through}</source>
      <translation>{url} の応答が {most} バイトを超えたため、読み取りを中止しました{through}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{url} answers with {stated}, not {wanted}</source>
      <translation>{url} の応答が {wanted} ではなく {stated} です</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{url} answers {status} {said}</source>
      <translation>{url} の応答: {status} {said}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{url} cannot be reached: {said}{through}</source>
      <translation>{url} に到達できません: {said}{through}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{url} did not answer within {within_s} s{through}</source>
      <translation>{url} が {within_s} 秒以内に応答しませんでした{through}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{url} gives no time-stamp ({said})</source>
      <translation>{url} がタイムスタンプを発行しません ({said})</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{url} is {apart_ms} ms from {other}, which fits the last certified time</source>
      <translation>{url} は、最後の認証時刻と合う {other} から {apart_ms} ms ずれています</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{url} says {time}, which is before log time {log_time}; only time servers of the licence root bring a clock back behind it</source>
      <translation>{url} の時刻 {time} はログ時刻 {log_time} より前です。それより前に時計を戻せるのはライセンスルートのタイムサーバーだけです</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{url} sends us to {where}; configure that address if it is right</source>
      <translation>{url} は {where} へ転送します。正しければそのアドレスを設定してください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>{used} of {all} seats used</source>
      <translation>{all} シート中 {used} 使用</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{wanted} seats of {product} are asked for, and {most} are the most; {remedy}</source>
      <translation>{product} のシートが {wanted} 要求されましたが、最大は {most} です。{remedy}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{wanted} seats of {product} are free, but of more licences than one lease can hold ({most}); ask for fewer seats at a time</source>
      <translation>{product} の空きは {wanted} シートありますが、1 つのリースで保持できるライセンス数 ({most}) を超えて分散しています。一度に要求するシートを減らしてください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/verdict.py" />
      <source>{what} · for {age}</source>
      <translation>{what} ({age})</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/overview.py" />
      <source>{what}, at most {took} without service</source>
      <translation>{what}、サービス停止は最大 {took}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/findings.py" />
      <source>{what}; {more} more have the same trouble</source>
      <translation>{what}; ほか {more} 件に同じ問題があります</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/context.py" />
      <source>{who} has the role {role}; operate is needed.</source>
      <translation>{who} の役割は {role} です。operate が必要です。</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>{who}{where} loses the seat for {product} at its next heartbeat, and what the program has not saved may be lost. The seat is free for others at once; a receipt that was given out stays valid until its period ends (10 minutes by default).{taken}</source>
      <translation>{who}{where} は次のハートビートで {product} のシートを失い、保存していない作業が失われるおそれがあります。シートはすぐ他の人が使えますが、発行済みのレシートは期間終了まで有効です (既定 10 分)。{taken}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{wish} has to be {why}</source>
      <translation>{wish} は次でなければなりません: {why}</translation>
    </message>
    <message>
      <location filename="../../appliance/details/__init__.py" />
      <source>{word} is none of {known}</source>
      <translation>{word} は {known} のどれでもありません</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/model/findings.py" />
      <source>{word}: {names}</source>
      <translation>{word}: {names}</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <source>ℹ not synchronised</source>
      <translation>ℹ 非同期</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>▲ differs, no majority</source>
      <translation>▲ 相違、多数なし</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>▲ failed</source>
      <translation>▲ 失敗</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>▲ outvoted: set this clock</source>
      <translation>▲ 多数決で除外: この時計を合わせてください</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>✔ answers</source>
      <translation>✔ 応答あり</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/clocks.py" />
      <source>✔ in the vote</source>
      <translation>✔ 投票に参加</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>✔ not locked</source>
      <translation>✔ ロックなし</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/hosts.py" />
      <source>✔ synchronised</source>
      <translation>✔ 同期済み</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/wire.py" />
      <source>✖ contradicts the others</source>
      <translation>✖ 他と矛盾</translation>
    </message>
    <message>
      <location filename="../../monitor_gui/qt/timeservers.py" />
      <source>✖ locked</source>
      <translation>✖ ロック中</translation>
    </message>
  </context>
</TS>
