"""An object store for tests, which verifies every signature by an implementation of its own (hmac, from AWS's text
"Authenticating Requests"), every hash, the clock, and the sizes of parts; and misbehaves on request."""

import base64
import collections
import contextlib
import datetime
import hashlib
import hmac
import http.server
import re
import socket
import struct
import threading
import urllib.parse
from xml.sax.saxutils import escape

KEY_ID = "TROUPETESTKEY"
SECRET = "a/secret+of=the/test"
BUCKET = "troupe-test"
REGION = "eu-test-1"
PART_SIZE_MIN = 5 << 20
TIME = "%Y-%m-%dT%H:%M:%S.000Z"

Object = collections.namedtuple("Object", "data headers etag at", defaults=[None])  # at: now


class Refusal(Exception):
    """Answers with an error; close: without one, in the middle of the connection."""

    def __init__(self, status, code, message="refused on request", close=False, **headers):
        super().__init__(code)
        self.status, self.code, self.message, self.close, self.headers = status, code, message, close, headers


def sign(secret, scope, text):
    key = ("AWS4" + secret).encode()
    for link in scope.split("/"):
        key = hmac.new(key, link.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def encode(text, safe=""):
    return urllib.parse.quote(text, safe="-._~" + safe)


def checksum_of(data):
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def canonical(method, path, query, headers, names, payload):
    pairs = sorted((encode(name), encode(value)) for name, value in query)
    lines = [f"{name}:{' '.join(headers[name].split())}\n" for name in names]
    return "\n".join([method, encode(path, "/"), "&".join(f"{name}={value}" for name, value in pairs),
                      "".join(lines), ";".join(names), payload])


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.RLock()
        self.objects = {}
        self.uploads = {}  # id: (key, headers, {number: data}, begun)
        self.seen = []     # (method, key, query) of every request that was signed well
        self.bad = []      # what was not, in words
        self.faults = []   # functions of a handler, asked first; one that is done is removed
        self.skew = datetime.timedelta(0)
        self.serial = 0
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def settings(self, prefix="stage", **more):
        return {"TROUPE_ASSETS": f"s3:{BUCKET}" + (f"/{prefix}" if prefix else ""), "TROUPE_S3_ENDPOINT": self.url,
                "TROUPE_S3_REGION": REGION, "TROUPE_S3_KEY_ID": KEY_ID, "TROUPE_S3_SECRET": SECRET, **more}

    def fail_once(self, method, what, refusal, count=1):
        """The next requests of that method, with that parameter or key in them, end so."""
        left = [count]

        def fault(handler):
            if left[0] > 0 and handler.command == method and what in handler.path:
                left[0] -= 1
                raise refusal
        self.faults.append(fault)
        return left

    def count(self, method, what=""):
        with self.lock:
            return sum(1 for seen, path in self.seen if seen == method and what in path)

    def now(self):
        return datetime.datetime.now(datetime.timezone.utc) + self.skew

    def stop(self):
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        pass  # clients cut off connections


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    # ---- what is asked, and by whom ----

    def read(self):
        path, _, query = self.path.partition("?")
        self.query = urllib.parse.parse_qsl(query, keep_blank_values=True)
        self.parameters = dict(self.query)
        self.path_decoded = urllib.parse.unquote(path)
        if encode(self.path_decoded, "/") != path:
            raise Refusal(400, "InvalidURI", "not encoded as S3 does")
        bucket, _, self.key = self.path_decoded[1:].partition("/")
        if bucket != BUCKET:
            raise Refusal(404, "NoSuchBucket")
        self.body = self.rfile.read(int(self.headers.get("content-length", 0)))

    def check_time(self, text, seconds):
        then = datetime.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        age = (self.server.now() - then).total_seconds()
        if age > seconds or age < -900:
            raise Refusal(403, "RequestTimeTooSkewed" if seconds == 900 else "AccessDenied",
                          "The difference between the request time and the current time is too large.")

    def check_signature(self):
        headers = {name.lower(): value for name, value in self.headers.items()}
        if "X-Amz-Signature" in self.parameters:
            self.check_presigned(headers)
            return
        match = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\S+), SignedHeaders=(\S+), Signature=(\w{64})",
                             headers.get("authorization", ""))
        if match is None:
            raise Refusal(403, "AccessDenied", "no signature")
        key_id, scope, names, signature = match.groups()
        names = names.split(";")
        must = {"host", "x-amz-date", "x-amz-content-sha256"} | {name for name in headers if name.startswith("x-amz-")}
        must |= {"content-type"} & set(headers)
        payload = headers.get("x-amz-content-sha256", "")
        if names != sorted(names) or not must <= set(names) or not set(names) <= set(headers):
            raise Refusal(403, "SignatureDoesNotMatch", f"signed are {names}, needed {must}")
        self.check_key(key_id, scope, headers["x-amz-date"])
        self.check_time(headers["x-amz-date"], 900)
        text = canonical(self.command, self.path_decoded, self.query, headers, names, payload)
        self.compare(scope, headers["x-amz-date"], text, signature)
        if payload != hashlib.sha256(self.body).hexdigest():
            raise Refusal(400, "XAmzContentSHA256Mismatch")
        sent = headers.get("x-amz-checksum-sha256")
        if sent and sent != checksum_of(self.body):
            raise Refusal(400, "BadDigest")

    def check_presigned(self, headers):
        values = self.parameters
        key_id, _, scope = values["X-Amz-Credential"].partition("/")
        self.check_key(key_id, scope, values["X-Amz-Date"])
        self.check_time(values["X-Amz-Date"], int(values["X-Amz-Expires"]))
        if values["X-Amz-SignedHeaders"] != "host":
            raise Refusal(403, "SignatureDoesNotMatch")
        query = [pair for pair in self.query if pair[0] != "X-Amz-Signature"]
        text = canonical(self.command, self.path_decoded, query, headers, ["host"], "UNSIGNED-PAYLOAD")
        self.compare(scope, values["X-Amz-Date"], text, values["X-Amz-Signature"])

    def check_key(self, key_id, scope, time):
        if key_id != KEY_ID:
            raise Refusal(403, "InvalidAccessKeyId")
        if scope != f"{time[:8]}/{REGION}/s3/aws4_request":
            raise Refusal(400, "AuthorizationHeaderMalformed")

    def compare(self, scope, time, text, signature):
        hashed = hashlib.sha256(text.encode()).hexdigest()
        if sign(SECRET, scope, f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{hashed}") != signature:
            raise Refusal(403, "SignatureDoesNotMatch", text)

    # ---- answers ----

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        headers.setdefault("content_length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, refusal):
        if refusal.close:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.rfile.close()
            self.connection.close()
            return
        words = f"<Code>{refusal.code}</Code><Message>{escape(refusal.message)}</Message>"
        self.answer(refusal.status, f"<?xml version='1.0'?><Error>{words}</Error>".encode(),
                    content_type="application/xml", **refusal.headers)

    def handle_one(self):
        try:
            for fault in list(self.server.faults):
                fault(self)
            self.read()
            self.check_signature()
            with self.server.lock:
                self.server.seen.append((self.command, self.path))
            self.perform()
        except Refusal as refusal:
            if refusal.code in ("SignatureDoesNotMatch", "InvalidURI", "AuthorizationHeaderMalformed"):
                self.server.bad.append(f"{self.command} {self.path}: {refusal.code}: {refusal.message}")
            with contextlib.suppress(OSError):
                if not refusal.close and not hasattr(self, "body"):
                    self.rfile.read(int(self.headers.get("content-length", 0)))
                self.refuse(refusal)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_one

    # ---- the store ----

    def perform(self):
        if not self.key:
            self.list_uploads() if "uploads" in self.parameters else self.list_objects()
        elif self.command in ("GET", "HEAD"):
            self.get()
        elif "uploadId" in self.parameters:
            self.use_upload()
        elif self.command == "POST" and "uploads" in self.parameters:
            self.need(self.headers.get("x-amz-checksum-algorithm") == "SHA256")
            with self.server.lock:
                self.server.serial += 1
                upload = f"upload/{self.server.serial}+="
                self.server.uploads[upload] = (self.key, dict(self.headers), {}, self.server.now())
            self.answer(200, f"<InitiateMultipartUploadResult><UploadId>{upload}</UploadId>"
                             "</InitiateMultipartUploadResult>".encode())
        elif self.command == "PUT":
            etag, checksum = self.written()
            self.server.objects[self.key] = Object(self.body, dict(self.headers), etag, self.server.now())
            self.answer(200, etag=etag, x_amz_checksum_sha256=checksum)
        elif self.command == "DELETE":
            with self.server.lock:
                self.server.objects.pop(self.key, None)
            self.answer(204)

    def written(self):
        """(ETag, checksum) of what is put: whoever sends none is told none, and finds out nothing of damage."""
        self.need("x-amz-checksum-sha256" in self.headers)
        return f'"{hashlib.md5(self.body).hexdigest()}"', checksum_of(self.body)

    def need(self, is_there):
        if not is_there:
            self.server.bad.append(f"{self.command} {self.path}: no checksum")
            raise Refusal(400, "InvalidRequest", "no checksum")

    def use_upload(self):
        with self.server.lock:
            if self.parameters["uploadId"] not in self.server.uploads:
                raise Refusal(404, "NoSuchUpload")
            key, headers, parts, _ = self.server.uploads[self.parameters["uploadId"]]
            if key != self.key:
                raise Refusal(404, "NoSuchUpload")
            if self.command == "PUT":
                etag, checksum = self.written()
                parts[int(self.parameters["partNumber"])] = self.body
                return self.answer(200, etag=etag, x_amz_checksum_sha256=checksum)
            del self.server.uploads[self.parameters["uploadId"]]
            if self.command == "DELETE":
                return self.answer(204)
            part = (r"<Part><PartNumber>(\d+)</PartNumber><ETag>&quot;(\w+)&quot;</ETag>"
                    r"<ChecksumSHA256>([^<]+)</ChecksumSHA256></Part>")
            listed = re.findall(part, self.body.decode())
            wanted = [(str(number), hashlib.md5(parts[number]).hexdigest(), checksum_of(parts[number]))
                      for number in sorted(parts)]
            if listed != wanted or sorted(parts) != list(range(1, len(parts) + 1)):
                raise Refusal(400, "InvalidPart")
            if any(len(parts[number]) < PART_SIZE_MIN for number in sorted(parts)[:-1]):
                raise Refusal(400, "EntityTooSmall")
            data = b"".join(parts[number] for number in sorted(parts))
            self.server.objects[key] = Object(data, headers, f'"{hashlib.md5(data).hexdigest()}-{len(parts)}"',
                                              self.server.now())
            return self.answer(200, b"<CompleteMultipartUploadResult></CompleteMultipartUploadResult>")

    def get(self):
        found = self.server.objects.get(self.key)
        if found is None:
            raise Refusal(404, "NoSuchKey")
        more = {"etag": found.etag, "accept_ranges": "bytes",
                "content_type": found.headers.get("content-type", "binary/octet-stream")}
        match = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("range", ""))
        size = len(found.data)
        if match is None:
            return self.answer(200, found.data, content_length=str(size), **more)
        first, last = match.groups()
        begin = int(first) if first else max(0, size - int(last))
        end = min(int(last), size - 1) if first and last else size - 1
        if begin >= size or (not first and int(last) == 0):
            raise Refusal(416, "InvalidRange")
        data = found.data[begin:end + 1]
        more["content_range"] = f"bytes {begin}-{end}/{size}"
        return self.answer(206, data, content_length=str(len(data)), **more)

    def list_objects(self):
        prefix, count = self.parameters.get("prefix", ""), int(self.parameters.get("max-keys", 1000))
        after = self.parameters.get("marker", "")
        with self.server.lock:
            found = sorted((key, entry) for key, entry in self.server.objects.items()
                           if key.startswith(prefix) and key > after)
        rows = "".join(f"<Contents><Key>{escape(key)}</Key><LastModified>{entry.at or self.server.now():{TIME}}"
                       f"</LastModified><Size>{len(entry.data)}</Size></Contents>" for key, entry in found[:count])
        self.list("ListBucketResult", rows, len(found) > count)

    def list_uploads(self):
        prefix, count = self.parameters.get("prefix", ""), int(self.parameters.get("max-uploads", 1000))
        after = self.parameters.get("key-marker", ""), self.parameters.get("upload-id-marker", "")
        with self.server.lock:
            found = sorted((key, upload, begun) for upload, (key, _, _, begun) in self.server.uploads.items()
                           if key.startswith(prefix) and (key, upload) > after)
        rows = "".join(f"<Upload><Key>{escape(key)}</Key><UploadId>{escape(upload)}</UploadId>"
                       f"<Initiated>{begun:{TIME}}</Initiated></Upload>" for key, upload, begun in found[:count])
        last = found[:count][-1:]
        self.list("ListMultipartUploadsResult", rows, len(found) > count, NextKeyMarker=last,
                  NextUploadIdMarker=[row[1:] for row in last])

    def list(self, name, rows, goes_on, **marks):
        """marks: a list of one row, whose first is the mark; told only when the list goes on."""
        told = "".join(f"<{mark}>{escape(row[0])}</{mark}>" for mark, found in marks.items() for row in found
                       if goes_on)
        head = f"<IsTruncated>{str(goes_on).lower()}</IsTruncated>"
        self.answer(200, f"<{name}>{head}{told}{rows}</{name}>".encode())
