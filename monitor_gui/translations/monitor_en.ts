<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
  <context>
    <name>monitor</name>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/forecast.py" />
      <source> The {n} units it took stay used.</source>
      <translation>
        <numerusform> The {n} unit it took stays used.</numerusform>
        <numerusform> The {n} units it took stay used.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>The last {n} switches took at most {middle} (median) and {worst} (longest).</source>
      <translation>
        <numerusform>The last switch took at most {worst}.</numerusform>
        <numerusform>The last {n} switches took at most {middle} (median) and {worst} (longest).</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/alerts.py" />
      <source>the certified time of {names} is older than {n} days</source>
      <translation>
        <numerusform>the certified time of {names} is older than {n} day</numerusform>
        <numerusform>the certified time of {names} is older than {n} days</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/alerts.py" />
      <location filename="../../monitor_gui/model/findings.py" />
      <source>{name} is {n} entries behind</source>
      <translation>
        <numerusform>{name} is {n} entry behind</numerusform>
        <numerusform>{name} is {n} entries behind</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/retold.py" />
      <source>{n} days</source>
      <translation>
        <numerusform>{n} day</numerusform>
        <numerusform>{n} days</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/activity.py" />
      <source>{n} events were not shown</source>
      <translation>
        <numerusform>{n} event was not shown</numerusform>
        <numerusform>{n} events were not shown</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/retold.py" />
      <source>{n} hours</source>
      <translation>
        <numerusform>{n} hour</numerusform>
        <numerusform>{n} hours</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>{n} leases</source>
      <translation>
        <numerusform>{n} lease</numerusform>
        <numerusform>{n} leases</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/qt/scene.py" />
      <source>{n} licences available</source>
      <translation>
        <numerusform>{n} licence available</numerusform>
        <numerusform>{n} licences available</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/forecast.py" />
      <source>{spare} will serve instead of {active}. {n} leases stay. The client library repeats requests that fail meanwhile.</source>
      <translation>
        <numerusform>{spare} will serve instead of {active}. {n} lease stays. The client library repeats requests that fail meanwhile.</numerusform>
        <numerusform>{spare} will serve instead of {active}. {n} leases stay. The client library repeats requests that fail meanwhile.</numerusform>
      </translation>
    </message>
  </context>
</TS>
