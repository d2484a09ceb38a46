"""What results point at: characters and their media entries, listed and read, by the whole stack."""

import uuid

import pytest

from stack import Client, Stack

CHARACTERS = "/api/v1/characters"


@pytest.fixture(scope="module", name="stack")
def fixture_stack():
    with Stack("--provider", "null", "--rate", "off") as stack:
        yield stack


def make_character(client, name="Mira"):
    return client.wait_for(client.submit_character(name))["result"]["characterId"]


def make_media(client, submit, *words):
    return client.wait_for(submit(*words), "media-jobs")["result"]["mediaId"]


def walk(client, path, limit):
    """All ids of a list, page by page, by cursor."""
    found, cursor = [], ""
    while cursor is not None:
        answer = client.get(f"{path}{'&' if '?' in path else '?'}limit={limit}{cursor and '&cursor=' + cursor}")
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += [item["id"] for item in page["data"]]
        cursor = page["pagination"]["nextCursor"]
        assert page["pagination"]["hasMore"] == (cursor is not None)
    assert page["pagination"]["total"] == len(found)
    return found


def test_my_characters_are_listed_newest_first(stack):
    client = stack.client("lister")
    assert client.get(CHARACTERS).json() == {
        "success": True, "statusCode": 200, "data": [],
        "pagination": {"total": 0, "limit": 20, "skip": 0, "hasMore": False, "nextCursor": None}}
    made = [make_character(client, f"N{number}") for number in range(7)]
    assert walk(client, CHARACTERS, 3) == made[::-1]
    page = client.get(CHARACTERS + "?limit=2&skip=3").json()
    assert [item["name"] for item in page["data"]] == ["N3", "N2"]
    assert page["pagination"]["total"] == 7 and page["pagination"]["skip"] == 3 and page["pagination"]["hasMore"]
    one = client.get(f"{CHARACTERS}/{made[0]}").json()["data"]
    assert client.get(CHARACTERS + "?skip=6").json()["data"] == [one]
    assert stack.client("stranger").get(CHARACTERS).json()["pagination"]["total"] == 0


def test_what_a_character_and_an_entry_tell(stack):
    client = stack.client("reader")
    character = make_character(client)
    told = client.get(f"{CHARACTERS}/{character}").json()["data"]
    assert told["id"] == character and told["name"] == "Mira" and len(told["displayId"]) == 8 and told["createdAt"]
    image = make_media(client, client.submit_image, character)
    entry = client.get(f"{CHARACTERS}/{character}/media/{image}").json()["data"]
    assert (entry["id"], entry["characterId"], entry["type"]) == (image, character, "image")
    assert entry["createdAt"] and "url" in entry


def test_a_character_keeps_members_of_any_name(stack):
    client = stack.client("namer")
    job = client.submit_character(characterId="of another system", url="/")
    character = client.wait_for(job)["result"]["characterId"]
    told = client.get(f"{CHARACTERS}/{character}").json()
    assert told["success"] and told["data"]["characterId"] == "of another system"
    assert client.get(CHARACTERS).json()["data"] == [told["data"]]


def test_a_document_is_found_at_its_own_place_only(stack):
    client = stack.client("placer")
    character = make_character(client)
    image = make_media(client, client.submit_image, character)
    other = make_character(client)
    nobody = uuid.UUID(int=0)
    for path, code in ((image, "character_not_found"), (f"{character}/media/{other}", "media_not_found"),
                       (f"{other}/media/{image}", "media_not_found"), (f"{nobody}/media/{other}", "media_not_found")):
        answer = client.get(f"{CHARACTERS}/{path}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, code), path


def test_media_entries_are_listed_by_type(stack):
    client = stack.client("maker")
    character = make_character(client)
    path = f"{CHARACTERS}/{character}/media"
    portraits = walk(client, path, 10)
    images = [make_media(client, client.submit_image, character) for _ in range(3)]
    videos = [make_media(client, client.submit_video, character, images[0]) for _ in range(2)]
    assert walk(client, path, 2) == (portraits + images + videos)[::-1]
    assert walk(client, path + "?type=video", 1) == videos[::-1]
    assert walk(client, path + "?type=image", 2) == (portraits + images)[::-1]
    assert client.get(path + "?type=sound").status_code == 400


def test_entries_of_others_are_not_there_but_for_admins(stack):
    client = stack.client("hidden")
    character = make_character(client)
    path = f"{CHARACTERS}/{character}/media"
    for stranger, other in ((stack.client("else"), path), (client, f"{CHARACTERS}/{uuid.uuid4()}/media"),
                            (client, f"{CHARACTERS}/nonsense/media")):
        answer = stranger.get(other)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "character_not_found")
    admin = Client(stack.url, stack.token("root", "--role", "admin"))
    assert admin.get(path).json()["pagination"]["total"] == client.get(path).json()["pagination"]["total"]


@pytest.mark.parametrize("query, field", [("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"),
                                          ("skip=-1", "skip"), ("cursor=!", "cursor"), ("cursor=bm9uZQ", "cursor"),
                                          ("cursor=bm9uZQ&skip=1", "skip")])
def test_what_is_out_of_range_is_refused(stack, query, field):
    answer = stack.client("picky").get(f"{CHARACTERS}?{query}")
    assert answer.status_code == 400
    assert field in [detail["field"] for detail in answer.json()["error"]["details"]]


def test_a_document_is_known_by_its_tag(stack):
    client = stack.client("cacher")
    character = make_character(client)
    image = make_media(client, client.submit_image, character)
    for path in f"{CHARACTERS}/{character}", f"{CHARACTERS}/{character}/media/{image}":
        first = client.get(path)
        tag = first.headers["etag"]
        again = client.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert client.get(path, headers={"If-None-Match": '"other"'}).json() == first.json()
        head = client.call("HEAD", path)
        assert head.status_code == 200 and head.headers["content-length"] == first.headers["content-length"]
        assert stack.client("else").get(path, headers={"If-None-Match": tag}).status_code == 404
