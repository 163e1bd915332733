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
      <source>{host} is {n} entries behind</source>
      <extracomment>problem upstream-behind</extracomment>
      <translation>
        <numerusform>{host} is {n} entry behind</numerusform>
        <numerusform>{host} is {n} entries behind</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/findings.py" />
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
      <location filename="../../monitor_gui/model/findings.py" />
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
      <location filename="../../monitor_gui/model/findings.py" />
      <source>{n} minutes</source>
      <translation>
        <numerusform>{n} minute</numerusform>
        <numerusform>{n} minutes</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="../../monitor_gui/model/findings.py" />
      <source>{n} seconds</source>
      <translation>
        <numerusform>{n} second</numerusform>
        <numerusform>{n} seconds</numerusform>
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
