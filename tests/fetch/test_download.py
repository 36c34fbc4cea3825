"""A download survives any interruption."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware_py.app.fetch.download import download
from firmware_py.app.fetch.failures import SourceError
from firmware_py.app.fetch.progress import silent
from tests.fetch.conftest import Site

CONTENT = Random(2).randbytes(1_000_000)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cuts=st.lists(st.integers(0, len(CONTENT)), max_size=5), ranges=st.booleans())
def test_any_cuts_give_the_same_bytes(
    tmp_path: Path, site: Site, cuts: list[int], ranges: bool
) -> None:
    (site.folder / "file").write_bytes(CONTENT)
    target = tmp_path / "file"
    target.unlink(missing_ok=True)
    site.break_off_after, site.honours_range = list(cuts), ranges

    for _ in range(len(cuts) + 1):  # as often as a person may have to start it again
        try:
            download(f"{site.url}/file", target, silent)
            break
        except SourceError:
            assert not target.exists()

    assert target.read_bytes() == CONTENT
    assert not (tmp_path / "file.part").exists()


def test_nobody_there_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="Connection refused"):
        download("http://127.0.0.1:9/file", tmp_path / "file", silent)
    with pytest.raises(SourceError, match=r"no\.such\.host\.invalid"):
        download("http://no.such.host.invalid/file", tmp_path / "file", silent)


def test_no_answer_is_told_after_the_timeout(tmp_path: Path, site: Site) -> None:
    site.silent = True
    with pytest.raises(SourceError, match=r"no answer within 0\.3 s"):
        download(f"{site.url}/file", tmp_path / "file", silent, timeout_s=0.3)


def test_the_servers_refusal_is_told(tmp_path: Path, site: Site) -> None:
    site.status = 404
    with pytest.raises(SourceError, match="404"):
        download(f"{site.url}/file", tmp_path / "file", silent)
    assert list(tmp_path.glob("file*")) == []
