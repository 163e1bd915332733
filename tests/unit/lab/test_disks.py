"""Which file systems belong to a lab; that one can be full is for `tests/lab`."""

from __future__ import annotations

from pathlib import Path

from appliance.lab.disks import mounts_below

MOUNTINFO = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
23 22 0:21 / /lab/up1 rw,relatime shared:2 - tmpfs tmr rw,size=1048576k
24 23 0:22 / /lab/up1/in\\040ner rw,relatime - tmpfs tmr rw
25 22 0:23 / /lab rw,relatime - tmpfs other rw
26 22 0:24 / /laboratory/up1 rw,relatime - tmpfs other rw
"""


def test_only_what_is_within_the_directory_and_the_innermost_first() -> None:
    found = mounts_below(Path("/lab"), MOUNTINFO)
    assert found == [Path("/lab/up1/in ner"), Path("/lab/up1")]
    assert mounts_below(Path("/nowhere"), MOUNTINFO) == []
