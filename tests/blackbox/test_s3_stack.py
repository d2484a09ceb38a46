"""A whole stack whose assets are in a bucket: a character, its picture and its video, made by the studio, stored, and
fetched through the gateway, or by the addresses that it sends clients to."""

import datetime
import hashlib

import asset_stand
import pytest
import requests
from gateway_stand import Stand, error_of
from stack import Stack, wait_until


@pytest.fixture
def bucket():
    bucket = asset_stand.Bucket()
    yield bucket
    bucket.close()


@pytest.mark.parametrize("way", ["proxy", "redirect"])
def test_a_character_a_picture_and_a_video_end_in_the_bucket(bucket, way):
    settings = {**bucket.settings, "TROUPE_ASSETS_S3": way}
    with Stack("--assets", settings.pop("TROUPE_ASSETS"), environment=settings) as stack:
        client = stack.client()
        made = client.wait_for(client.submit_character())
        character = made["result"]["characterId"]
        picture = client.wait_for(client.submit_image(character), "media-jobs")
        assert picture["status"] == "completed", picture
        media = picture["result"]["mediaId"]
        video = client.wait_for(client.submit_video(character, media), "media-jobs")
        assert video["status"] == "completed", video
        entry = client.get(f"/api/v1/characters/{character}/media").json()["data"]
        entries = entry["media"] if isinstance(entry, dict) else entry
        assert len(entries) == 3 and len(bucket.names()) == 3
        for entry in entries:
            answer = client.get(entry["url"], allow_redirects=False)
            if way == "redirect":
                location = answer.headers["location"]
                answer = requests.get(location, timeout=20)
                assert location.startswith(bucket.server.url)
            assert answer.status_code == 200
            assert hashlib.sha256(answer.content).hexdigest() == entry["sha256"]
            assert answer.headers["content-type"] == entry["contentType"]
        assert not list((stack.data / "assets").rglob("*.*"))
        assert client.call("DELETE", f"/api/v1/characters/{character}").status_code == 200
        wait_until(lambda: bucket.names() == [], what="the removal of the objects")
        assert way == "redirect" or client.get(entry["url"]).status_code == 404


def test_a_client_is_sent_to_the_bucket(tmp_path, bucket):
    stand = Stand(tmp_path, **bucket.settings, TROUPE_ASSETS_S3="redirect")
    url = "/assets/characters/1/a.png"
    bucket.write(url, b"picture")
    try:
        for method in "GET", "HEAD":
            answer = stand.gateway.call(method, url, owner=None, allow_redirects=False)
            assert (answer.status_code, answer.content) == (307, b"")
            assert answer.headers["cache-control"] == "private, max-age=150"
            there = requests.request(method, answer.headers["location"], headers={"Range": "bytes=1-3"}, timeout=20)
            assert there.status_code == 206 and there.content == (b"ict" if method == "GET" else b"")
        for path in "/assets/characters/1/.a.png", "/assets/../secret", "/assets/characters//a.png", "/assets/a%20b":
            answer = stand.gateway.get(path, owner=None, allow_redirects=False)
            assert answer.status_code == 404
        assert error_of(answer)[0]
    finally:
        stand.stop()


def test_an_address_is_that_of_clients_and_ends(tmp_path, bucket):
    public = bucket.server.url.replace("127.0.0.1", "localhost")
    stand = Stand(tmp_path, **bucket.settings, TROUPE_ASSETS_S3="redirect", TROUPE_S3_PUBLIC_ENDPOINT=public)
    url = "/assets/characters/1/a.png"
    bucket.write(url, b"picture")
    try:
        answer = stand.gateway.get(url, owner=None, allow_redirects=False)
        location = answer.headers["location"]
        assert location.startswith(public) and requests.get(location, timeout=20).content == b"picture"
        bucket.server.skew = datetime.timedelta(seconds=310)
        assert requests.get(location, timeout=20).status_code == 403
    finally:
        stand.stop()
