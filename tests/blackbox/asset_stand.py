"""All kinds of asset store by one interface, for tests that must hold for all: a directory, a bucket of a server that
verifies signatures (s3_server.py), and one of a server that others wrote and that verifies nothing (npm's s3rver)."""

import os
import pathlib
import re
import shutil
import tempfile

import requests

import node
import s3_server


class Directory:
    kind = "file"

    def __init__(self, path):
        self.path = path / "assets"
        self.settings = {"TROUPE_ASSETS": self.path}

    def close(self):
        pass

    def read(self, url):
        return (self.path.parent / url.lstrip("/")).read_bytes()

    def write(self, url, data):
        path = self.path.parent / url.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def names(self, ending=""):
        """URLs of what can be seen."""
        files = [pathlib.Path(folder, name) for folder, _, names in os.walk(self.path) for name in names]
        return ["/" + str(path.relative_to(self.path.parent)) for path in files
                if "." in path.name and "/." not in str(path.relative_to(self.path.parent))
                and path.name.endswith(ending)]

    def unfinished(self):
        return list(self.path.rglob(".*"))

    def refuse_all(self):
        self.path.mkdir(exist_ok=True)
        (self.path / "characters").write_text("not a directory")

    def take_all(self):
        (self.path / "characters").unlink()


class Bucket:
    kind = "s3"
    prefix = "stage/"

    def __init__(self, _path=None):
        self.server = s3_server.Server()
        self.settings = self.server.settings(self.prefix.rstrip("/"))

    def close(self):
        self.server.stop()
        assert self.server.bad == []

    def key(self, url):
        assert url.startswith("/assets/")
        return self.prefix + url.removeprefix("/assets/")

    def object(self, url):
        return self.server.objects[self.key(url)]

    def read(self, url):
        return self.object(url).data

    def write(self, url, data):
        self.server.objects[self.key(url)] = s3_server.Object(data, {}, '"source"')

    def names(self, ending=""):
        return ["/assets/" + key.removeprefix(self.prefix) for key in self.server.objects if key.endswith(ending)]

    def unfinished(self):
        return list(self.server.uploads)

    def refuse_all(self):
        self.server.fail_once("PUT", "", s3_server.Refusal(403, "AccessDenied"), count=1000)

    def take_all(self):
        self.server.faults.clear()


class Rver:
    """It answers whoever sends no signature, too."""
    kind = "s3rver"
    prefix = "stage/"

    def __init__(self, _path=None):
        program = node.program("s3rver.mjs")
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="troupe-s3rver-"))
        self.process = node.start(program, str(self.path), s3_server.BUCKET)
        self.url = f"http://127.0.0.1:{self.process.stdout.readline().strip()}"
        self.settings = {"TROUPE_ASSETS": f"s3:{s3_server.BUCKET}/stage", "TROUPE_S3_ENDPOINT": self.url,
                         "TROUPE_S3_KEY_ID": "S3RVER", "TROUPE_S3_SECRET": "S3RVER"}

    def close(self):
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()
        self.process.stderr.close()
        shutil.rmtree(self.path)

    def address(self, url):
        assert url.startswith("/assets/")
        return f"{self.url}/{s3_server.BUCKET}/{self.prefix}{url.removeprefix('/assets/')}"

    def read(self, url):
        answer = requests.get(self.address(url), timeout=20)
        assert answer.status_code == 200
        return answer.content

    def write(self, url, data):
        assert requests.put(self.address(url), data, timeout=20).status_code == 200

    def names(self, ending=""):
        answer = requests.get(f"{self.url}/{s3_server.BUCKET}?list-type=2&prefix={self.prefix}", timeout=20)
        return ["/assets/" + key for key in re.findall(rf"<Key>{self.prefix}([^<]*)</Key>", answer.text)
                if key.endswith(ending)]

    def unfinished(self):
        uploads = self.path / s3_server.BUCKET / "._S3rver_uploads"
        return list(uploads.iterdir()) if uploads.exists() else []

    def refuse_all(self):
        shutil.rmtree(self.path / s3_server.BUCKET)  # there is no such bucket any more

    def take_all(self):
        (self.path / s3_server.BUCKET).mkdir()


KINDS = {"file": Directory, "s3": Bucket, "s3rver": Rver}
