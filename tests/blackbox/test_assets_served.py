"""Assets as clients get them, the same from a directory and from a bucket: ranges, validators, headers."""

import asset_stand
import pytest

from gateway_stand import Stand, error_of

DATA = bytes(range(256)) * 1000
URL = "/assets/characters/0000/aaaa.png"


@pytest.fixture(scope="module", params=asset_stand.KINDS)
def place(request, tmp_path_factory):
    """A gateway, with the store that it has its assets from."""
    store = asset_stand.KINDS[request.param](tmp_path_factory.mktemp("store"))
    stand = Stand(tmp_path_factory.mktemp("stand"), **store.settings)
    stand.store = store
    store.write(URL, DATA)
    yield stand
    stand.stop()
    store.close()


def fetch(place, path, method="GET", **headers):
    return place.gateway.call(method, path, owner=None, headers={
        name.replace("_", "-"): value for name, value in headers.items()})


def test_an_asset_needs_no_token_and_may_be_kept_for_ever(place):
    response = fetch(place, URL)
    assert response.status_code == 200 and response.content == DATA
    headers = response.headers
    assert headers["content-type"] == "image/png" and headers["content-length"] == str(len(DATA))
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["x-content-type-options"] == "nosniff" and headers["accept-ranges"] == "bytes"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox" and headers["etag"]
    head = fetch(place, URL, "HEAD")
    assert head.content == b"" and head.headers["content-length"] == str(len(DATA))
    assert head.headers["etag"] == headers["etag"]


@pytest.mark.parametrize("name, kind", [
    ("a.mp4", "video/mp4"), ("a.jpg", "image/jpeg"), ("a.PNG", "image/png"), ("a.html", "application/octet-stream"),
    ("a", "application/octet-stream"),
])
def test_the_type_is_the_names(place, name, kind):
    place.store.write("/assets/" + name, b"x")
    assert fetch(place, "/assets/" + name).headers["content-type"] == kind


@pytest.mark.parametrize("header, first, last", [
    ("bytes=0-0", 0, 0), ("bytes=100-199", 100, 199), ("bytes=255000-", 255000, 255999),
    ("bytes=-1000", 255000, 255999), ("bytes=0-999999999", 0, 255999), ("bytes=65530-131080", 65530, 131080),
])
def test_one_range_is_a_part(place, header, first, last):
    if place.store.kind == "s3rver" and header in ("bytes=0-0", "bytes=-1000"):
        pytest.skip("s3rver sends another part than was asked for (see test_assets_proxied.py)")
    response = fetch(place, URL, Range=header)
    assert response.status_code == 206
    assert response.content == DATA[first:last + 1]
    assert response.headers["content-range"] == f"bytes {first}-{last}/{len(DATA)}"
    assert fetch(place, URL, "HEAD", Range=header).headers["content-length"] == str(last - first + 1)


@pytest.mark.parametrize("header", ["bytes=256000-", "bytes=-0", "bytes=999999-1000000"])
def test_a_range_outside_is_416(place, header):
    if place.store.kind == "s3rver" and header == "bytes=-0":
        pytest.skip("s3rver knows no suffixes")
    response = fetch(place, URL, Range=header)
    assert response.status_code == 416 and error_of(response)[0] == "range_not_satisfiable"
    assert response.headers["content-range"] == f"bytes */{len(DATA)}"


@pytest.mark.parametrize("header", ["bytes=0-1,5-6", "bytes=x", "lines=1-2", "bytes=5-1"])
def test_other_ranges_give_everything(place, header):
    response = fetch(place, URL, Range=header)
    assert response.status_code == 200 and response.content == DATA


def test_validators(place):
    etag = fetch(place, URL).headers["etag"]
    for known in etag, "*", f'"x", {etag}':
        response = fetch(place, URL, If_None_Match=known)
        assert (response.status_code, response.content, response.headers["etag"]) == (304, b"", etag)
        assert "immutable" in response.headers["cache-control"]
    assert fetch(place, URL, If_None_Match='"other"').status_code == 200
    assert fetch(place, URL, If_Range=etag, Range="bytes=1-9").status_code == 206
    for stale in '"other"', "Thu, 01 Jan 2026 00:00:00 GMT", "W/" + etag:
        assert fetch(place, URL, If_Range=stale, Range="bytes=1-9").status_code == 200


def test_other_names_have_other_tags(place):
    place.store.write("/assets/b.png", b"x")
    assert fetch(place, "/assets/b.png").headers["etag"] != fetch(place, URL).headers["etag"]


def test_an_empty_asset(place):
    place.store.write("/assets/empty.png", b"")
    response = fetch(place, "/assets/empty.png")
    assert (response.status_code, response.content, response.headers["content-length"]) == (200, b"", "0")
    assert fetch(place, "/assets/empty.png", Range="bytes=1-").status_code == 416


def test_what_is_not_there_is_404(place):
    for path in "/assets/characters/0000/bbbb.png", "/assets/x", "/assets/.png", "/assets/a%20b.png":
        for headers in {}, {"If_None_Match": "*"}, {"Range": "bytes=1-2"}:
            response = fetch(place, path, **headers)
            assert response.status_code == 404 and error_of(response)[0] == "asset_not_found"
        assert fetch(place, path, "HEAD").status_code == 404


def test_several_clients_on_one_connection_each(place):
    """Requests one after the other, with conditions between them, on connections that stay open."""
    etag = fetch(place, URL).headers["etag"]
    for _ in range(20):
        assert fetch(place, URL, If_None_Match=etag).status_code == 304
        assert fetch(place, URL, Range="bytes=10-19").content == DATA[10:20]
        assert fetch(place, URL).content == DATA
