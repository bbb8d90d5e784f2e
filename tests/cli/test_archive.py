"""Archive runs: parallel, resumable after a kill, on a cluster that loses a worker; nothing scored twice."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from scanmon.app.archive import file_key, files_in, fingerprint
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.cli import main
from scanmon.core.errors import SettingsError
from scanmon.runtime.workers import ClusterWorkers
from scanmon.session.journal import Journal, packed
from scanmon.sources.opening import open_recording
from tests.doubles.bundles import speckle
from tests.doubles.commands import Command
from tests.doubles.held import ROOT, held_run, scored_in
from tests.doubles.recordings import moving_gray, write_dicom, write_report
from tests.doubles.scenes import PATIENCE_S, wait_until

COMMAND = [sys.executable, "-m", "scanmon", "score"]


def pictures(folder: Path, count: int, side: int = 96) -> Path:
    """A folder of small pictures, each another one."""
    folder.mkdir()
    for number, picture in enumerate(speckle(count, 11, side=side)):
        cv2.imwrite(str(folder / f"picture_{number:05d}.png"), picture)
    return folder


def rows(table: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in table.read_text().splitlines()]


def timeless(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the times that each run measures anew."""
    return [{key: value for key, value in record.items() if not key.endswith("_ms")} for record in records]


def killed_after(lines: int, argv: list[str], journal: Path) -> None:
    """Start a run and kill it, hard, when the journal tells of so many files."""
    with subprocess.Popen(argv, cwd=ROOT, stderr=subprocess.DEVNULL) as program:
        while program.poll() is None:
            if journal.exists() and len(scored_in(journal)) >= lines:
                program.kill()
                break
        assert program.wait() == -signal.SIGKILL, "the run was over before it could be killed"


def alive(group: int) -> list[str]:
    """Processes of a group that run; one that ended and nobody asked about does not."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, pgrp = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue  # it ended just now
        if int(pgrp) == group and state != "Z":
            found.append(stat.parent.name)
    return found


def test_workers_give_the_table_that_one_process_gives(tmp_path: Path, score: Command) -> None:
    archive = pictures(tmp_path / "archive", 12)
    (archive / "broken.png").write_bytes(b"no picture")
    one, many = tmp_path / "one.jsonl", tmp_path / "many.jsonl"
    score(archive, "--metric", "map", "--out", one, code=1)
    score(archive, "--metric", "map", "--out", many, "--jobs", "2", code=1)
    assert timeless(rows(many)) == timeless(rows(one))
    assert len(rows(one)) == 13
    assert [record["source"] for record in rows(one) if record.get("error")] == [str(archive / "broken.png")]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "many.jsonl", "one.jsonl"]


def test_workers_print_each_file_when_it_is_done(tmp_path, tiny_bundle, capfd) -> None:
    archive = pictures(tmp_path / "archive", 6)
    assert main(["score", str(archive), "--bundle", str(tiny_bundle), "--jobs", "2"]) == 0
    told = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert sorted(record["source"] for record in told) == [str(path) for path in files_in([archive], [])]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_killed_run_goes_on_where_it_was_and_scores_nothing_twice(tmp_path, tiny_bundle, command, jobs):
    archive = pictures(tmp_path / "archive", 30)
    table, journal = tmp_path / "scores.jsonl", tmp_path / ".scores.jsonl.journal"
    options = [str(archive), "--bundle", str(tiny_bundle), "--out", str(table), "--metric", "nrq"]
    with held_run(12, [*options, "--jobs", jobs], journal) as program:
        os.killpg(program.pid, signal.SIGKILL)
    assert not table.exists()
    log = journal.with_name(f"{journal.name}-wal")
    log.write_bytes(log.read_bytes()[:-5])  # the last result was being written

    assert "11 of 30 were scored before" in command("score", *options, "--jobs", jobs).err
    assert [record["source"] for record in rows(table)] == [str(path) for path in files_in([archive], [])]
    assert not journal.exists()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
def test_a_run_that_is_asked_to_stop_keeps_what_it_has_and_leaves_no_process(tmp_path, tiny_bundle) -> None:
    archive = pictures(tmp_path / "archive", 20)
    table, journal = tmp_path / "scores.csv", tmp_path / ".scores.csv.journal"
    options = [str(archive), "--bundle", str(tiny_bundle), "--out", str(table), "--jobs", "2"]
    with held_run(5, options, journal) as program:
        program.send_signal(signal.SIGTERM)
        told = program.communicate(timeout=PATIENCE_S)[1]
    assert program.returncode == 1
    assert told.splitlines()[-1] == "stopped"
    assert "Traceback" not in told
    wait_until(lambda: alive(program.pid) == [])
    assert not table.exists()
    assert len(scored_in(journal)) == 5


def test_a_run_with_other_settings_does_not_go_on_with_an_unfinished_one(
    tmp_path, tiny_bundle, score
) -> None:
    options = [pictures(tmp_path / "archive", 2), "--out", tmp_path / "scores.csv", "--metric"]
    scoring = ScoringSettings(bundle=str(tiny_bundle), metric="nrq")
    Journal(tmp_path / ".scores.csv.journal", fingerprint(Settings(scoring))).close()
    assert "holds an unfinished run with other settings" in score(*options, "map", code=1).err
    score(*options, "nrq")
    assert (tmp_path / "scores.csv").exists()


def test_a_second_run_into_the_same_file_is_refused_while_the_first_is_at_work(tmp_path, tiny_bundle, score):
    options = [pictures(tmp_path / "archive", 2), "--out", tmp_path / "scores.csv"]
    scoring = ScoringSettings(bundle=str(tiny_bundle))
    first = Journal(tmp_path / ".scores.csv.journal", fingerprint(Settings(scoring)))
    assert "another run is at work on this file" in score(*options, code=1).err
    first.close()
    score(*options)


def test_a_journal_of_an_older_version_is_refused_in_one_line(tmp_path: Path, score: Command) -> None:
    archive = pictures(tmp_path / "archive", 2)
    (tmp_path / ".scores.csv.journal").write_text('{"scanmon_journal": 1, "fingerprint": "00"}\n')
    said = score(archive, "--out", tmp_path / "scores.csv", code=1)
    assert "is no unfinished run of this version" in said.err


def test_a_changed_file_is_scored_again_and_a_broken_one_is_tried_again(tmp_path, tiny_bundle, score) -> None:
    archive = pictures(tmp_path / "archive", 3)
    files = files_in([archive], [])
    scoring = ScoringSettings(bundle=str(tiny_bundle))
    journal = Journal(tmp_path / ".scores.jsonl.journal", fingerprint(Settings(scoring)))
    for file in files:
        error = {"error": "was not there"} if file == files[1] else {}
        journal.add(file_key(file), packed([{"source": "of an earlier run"} | error]))
    journal.close()
    os.utime(files[2], (1, 1))
    table = tmp_path / "scores.jsonl"
    assert "1 of 3 were scored before" in score(archive, "--out", table).err
    sources = [record["source"] for record in rows(table)]
    assert sources == ["of an earlier run", str(files[1]), str(files[2])]


def test_a_bundle_that_is_wrong_is_said_once_and_leaves_nothing(tmp_path: Path, score: Command) -> None:
    wrong = ["--bundle", tmp_path / "none", "--jobs", "2", "--out", tmp_path / "x.csv"]
    assert score(pictures(tmp_path / "archive", 3), *wrong, code=1).err.count("no such bundle") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["archive"]


def test_a_scheduler_that_does_not_answer_is_named_with_what_to_do() -> None:
    pytest.importorskip("distributed", reason="distributed comes with the extra `cluster`")
    with pytest.raises(SettingsError, match=r"tcp://127.*: no Dask scheduler answers.*dask scheduler"):
        ClusterWorkers("tcp://127.0.0.1:1", connect_s=0.5)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Any]:
    """Two worker processes of one thread each."""
    distributed = pytest.importorskip("distributed", reason="distributed comes with the extra `cluster`")
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=":0",
        local_directory=str(tmp_path / "dask"),
        silence_logs=50,
    ) as started:
        yield started


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_cluster_that_loses_a_worker_loses_no_file_and_counts_none_twice(
    tmp_path: Path, tiny_bundle: Path, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = pictures(tmp_path / "archive", 30)
    table = tmp_path / "scores.jsonl"
    kept: Counter[str] = Counter()
    add = Journal.add

    def add_and_kill(self: Journal, key: str, scores: Any) -> None:
        add(self, key, scores)
        kept[key] += 1
        if kept.total() == 10:
            worker = next(iter(cluster.workers.values()))
            os.kill(worker.pid, signal.SIGKILL)

    monkeypatch.setattr(Journal, "add", add_and_kill)
    options = ["--bundle", str(tiny_bundle), "--metric", "nrq", "--cluster", cluster.scheduler_address]
    assert main(["score", str(archive), *options, "--out", str(table)]) == 0
    assert set(kept.values()) == {1}
    assert len(kept) == 30
    records = rows(table)
    assert [record["source"] for record in records] == [str(path) for path in files_in([archive], [])]
    assert all(record["state"] == "scored" for record in records)

    alone = tmp_path / "alone.jsonl"
    assert main(["score", str(archive), *options[:4], "--out", str(alone)]) == 0
    assert timeless(rows(alone)) == timeless(records)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_ten_thousand_pictures_survive_three_kills(tmp_path: Path, tiny_bundle: Path) -> None:
    archive = pictures(tmp_path / "archive", 10_000, side=64)
    table, journal = tmp_path / "scores.parquet", tmp_path / ".scores.parquet.journal"
    options = [str(archive), "--bundle", str(tiny_bundle), "--metric", "map", "--out", str(table)]
    for lines in (1000, 4000, 7000):
        killed_after(lines, [*COMMAND, *options, "--jobs", "2"], journal)
    assert max(Counter(scored_in(journal)).values()) == 1
    subprocess.run([*COMMAND, *options, "--jobs", "2"], cwd=ROOT, check=True)
    pandas = pytest.importorskip("pandas", reason="pandas comes with the test extra")
    frame = pandas.read_parquet(table)
    assert frame["source"].tolist() == [str(path) for path in files_in([archive], [])]


@pytest.mark.parametrize("how", [[], ["--out", "table.jsonl"], ["--out", "table.csv"], ["--jobs", "2"]])
def test_a_name_in_any_bytes_is_scored_and_shown(tmp_path, monkeypatch, score, how) -> None:
    archive = pictures(tmp_path / "archive", 1)
    odd = os.fsdecode(os.fsencode(archive) + b"/latin_\xfc.png")
    shutil.copy(next(archive.glob("*.png")), odd)
    monkeypatch.chdir(tmp_path)
    out = score(archive, *how).out
    text = Path(how[1]).read_text(encoding="utf-8") if "--out" in how else out
    assert "latin_\\xfc.png" in text.replace("\\\\", "\\")


def test_what_is_left_out_of_a_folder_is_counted_by_kind(tmp_path: Path, score: Command) -> None:
    archive = pictures(tmp_path / "archive", 1)
    for name in ("notes.txt", "more.txt", "setup.exe"):
        (archive / name).write_text("x")
    assert "passed over: 1 .exe, 2 .txt" in score(archive).err


def test_a_report_among_dicom_pictures_is_passed_over_and_alone_it_is_an_error(tmp_path, score) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    write_dicom(archive / "IM1.dcm", np.stack([moving_gray(1)]))
    write_report(archive / "SR1.dcm")
    said = score(archive)
    assert len(said.rows) == 1
    assert "passed over: 1 .dcm" in said.err
    assert "no file holds a picture" in score(archive / "SR1.dcm", code=1).err


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("the engine had a fault")])
def test_what_one_file_does_to_the_program_costs_that_file_alone(tmp_path, monkeypatch, score, error) -> None:
    archive = pictures(tmp_path / "archive", 3)
    bad = sorted(archive.iterdir())[1]
    opened = open_recording

    def failing(source: str):
        if source == str(bad):
            raise error
        return opened(source)

    monkeypatch.setattr("scanmon.app.archive.open_recording", failing)
    said = score(archive, code=1)
    wrong = [type(error).__name__ in (record.get("error") or "") for record in said.rows]
    assert wrong == [False, True, False]
    assert "1 of 3 could not be scored" in said.err
