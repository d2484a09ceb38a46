"""What actors that were killed left half written: dropped from the directory and from the bucket when it is a day old,
and nothing else is."""

import datetime
import os
import time
import uuid

import asset_stand
import pytest
from gateway_stand import Stand, until
from s3_server import Refusal

DAY_S = 86400
HOUR_S = 3600


def key(name):
    return f"characters/{uuid.uuid4()}/{name}"


class Stage:
    """A gateway that finds what there is at its start."""

    def __init__(self, directory, kind):
        self.store = asset_stand.KINDS[kind](directory / "store")
        self.stand = Stand(directory, **self.store.settings)
        self.stand.gateway.stop()

    def begin(self, name, age_s):
        """A write that was begun so long ago, below the assets' place; returns what stands for it."""
        if self.store.kind == "file":
            path = self.store.path / name
            path = path.with_name(f".{path.name}.part")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"half")
            os.utime(path, (time.time() - age_s,) * 2)
            return path
        server = self.store.server
        server.serial += 1
        upload = f"upload/{server.serial}+="
        server.uploads[upload] = (self.store.prefix + name, {}, {}, server.now() - datetime.timedelta(seconds=age_s))
        return upload

    def left(self):
        if self.store.kind == "file":
            return {path for path in self.store.unfinished() if path.is_file()}
        return set(self.store.unfinished())

    def start(self):
        self.stand.gateway.start()

    def close(self):
        self.stand.stop()
        self.store.close()


def make(tmp_path, kind):
    (tmp_path / "store").mkdir()
    stage = Stage(tmp_path, kind)
    yield stage
    stage.close()


@pytest.fixture(params=["file", "s3"])
def stage(request, tmp_path):
    yield from make(tmp_path, request.param)


@pytest.fixture
def bucket(tmp_path):
    yield from make(tmp_path, "s3")


def test_what_was_left_half_written_is_dropped_when_it_is_a_day_old(stage):
    whole = "/assets/" + key("whole.png")
    stage.store.write(whole, b"whole")
    young = {stage.begin(key("young.mp4"), DAY_S - HOUR_S), stage.begin(key("new.mp4"), 0)}
    for _ in range(12):
        stage.begin(key("old.mp4"), DAY_S + HOUR_S)
    stage.start()
    until(lambda: stage.left() == young)
    until(lambda: "unfinished writes dropped" in stage.stand.gateway.log_text())
    assert stage.store.names() == [whole] and "count=12" in stage.stand.gateway.log_text()


def test_uploads_beyond_one_list_are_found(bucket):
    young = {bucket.begin(key("young.mp4"), 0) for _ in range(150)}
    for _ in range(120):
        bucket.begin(key("old.mp4"), 2 * DAY_S)
    bucket.start()
    until(lambda: bucket.left() == young)


def test_uploads_of_others_in_the_bucket_are_left_alone(bucket):
    long_ago = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    bucket.store.server.uploads["theirs"] = ("elsewhere/x.mp4", {}, {}, long_ago)
    theirs = {"theirs", bucket.begin("backups/x", 2 * DAY_S)}
    bucket.begin(key("old.mp4"), 2 * DAY_S)
    bucket.start()
    until(lambda: bucket.left() == theirs)


@pytest.mark.parametrize("method, where", [("GET", "uploads="), ("DELETE", "uploadId=")])
def test_a_store_that_refuses_is_told_once_and_all_else_goes_on(bucket, method, where):
    old = bucket.begin(key("old.mp4"), 2 * DAY_S)
    bucket.store.server.fail_once(method, where, Refusal(403, "AccessDenied"))
    bucket.start()
    until(lambda: "cannot be swept from the object store" in bucket.stand.gateway.log_text())
    assert "AccessDenied" in bucket.stand.gateway.log_text()
    bucket.stand.gateway.ready()
    assert bucket.left() == {old}
