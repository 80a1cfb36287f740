"""Where a SQLite file may lie."""

from pathlib import Path

import pytest

from parley.adapters.db.sqlite_file import file_system

MOUNTS = """\
/dev/vda / ext4 rw,relatime 0 0
server:/export /srv nfs4 rw 0 0
//nas/share /srv/my\\040files cifs rw 0 0
tmpfs /srv/local tmpfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/data/parley.db", "ext4"),
        ("/srv/parley.db", "nfs4"),
        ("/srv/my files/parley.db", "cifs"),
        ("/srv/local/deep/parley.db", "tmpfs"),
        ("/srvant/parley.db", "ext4"),
    ],
)
def test_the_nearest_mount_tells_the_file_system(path: str, kind: str) -> None:
    assert file_system(Path(path), MOUNTS) == kind
