"""All three providers in one small HTTP server that does what a test tells it: for faults that the studio has not, and
to see each request. Unscripted requests are answered well."""

import base64
import http.server
import json
import re
import struct
import threading
import zlib


def png(width=8, height=8):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x80\x20\x40" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


PNG = png()
MP4 = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + b"\0\0\1\0free" + bytes(248) + b"\0\0\0\x08moov"
MP4 += b"\0\1\x86\xa8mdat" + b"v" * 100000
PERSONALITY = {"summary": "Calm.", "mood": "happy"}


def large_png(size):
    """One of so many bytes: what is over the small one is a chunk of a kind that readers pass over."""
    rest = size - len(PNG)
    return PNG[:-12] + (rest - 12).to_bytes(4, "big") + b"fiLL" + bytes(rest - 8) + PNG[-12:]


def large_mp4(size):
    """One of so many bytes: what is over the small one is a box that players pass over."""
    rest = size - len(MP4)
    return MP4 + rest.to_bytes(4, "big") + b"free" + (bytes(range(256)) * (rest // 256 + 1))[:rest - 8]


class Provider:
    """script[NAME] is a list of answers for the next requests of that name, each a function of the handler.

    Names: chat, image, upload, submit, poll, download, cancel, look_up.
    """

    def __init__(self):
        self.script = {}
        self.requests = []  # (name, path, headers, body)
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *_):
                pass

            def do_GET(self):
                provider.take(self)

            do_POST = do_GET

            def answer(self, status, body, kind="application/json", **headers):
                if not isinstance(body, bytes):
                    body = json.dumps(body).encode()
                self.send_response_only(status)
                self.send_header("Date", headers.pop("Date", self.date_time_string()))
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(body)

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, request, client_address):
                pass  # the actor went away: that is what tests do

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self):
        self.stopping.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def count(self, name):
        with self.lock:
            return sum(1 for entry in self.requests if entry[0] == name)

    def last(self, name):
        with self.lock:
            return [entry for entry in self.requests if entry[0] == name][-1]

    NAMES = (
        ("chat", r"/v1/chat/completions"),
        ("image", r"/v1/images/generations"),
        ("upload", r"/api/v3/media/upload/binary"),
        ("cancel", r"/api/v3/predictions/delete"),
        ("poll", r"/api/v3/predictions/.*/result"),
        ("look_up", r"/api/v3/predictions"),
        ("submit", r"/api/v3/.*"),
        ("download", r"/files/.*"),
    )

    def take(self, handler):
        name = next(name for name, pattern in self.NAMES if re.fullmatch(pattern, handler.path))
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        with self.lock:
            self.requests.append((name, handler.path, dict(handler.headers), body))
            script = self.script.get(name)
            answer = script.pop(0) if script else getattr(self, name)
        handler.body = body
        answer(handler)

    # What each answers when all is well.

    def chat(self, handler):
        wants_json = "response_format" in json.loads(handler.body)
        content = json.dumps(PERSONALITY) if wants_json else "She waves."
        choice = {"message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
        handler.answer(200, {"choices": [choice]})

    def image(self, handler):
        handler.answer(200, drawn(PNG))

    def upload(self, handler):
        handler.answer(200, {"code": 200, "data": {"download_url": self.url + "/files/upload.png"}})

    def submit(self, handler):
        handler.answer(200, {"code": 200, "data": {"id": "task-1", "status": "created"}})

    def poll(self, handler):
        outputs = [self.url + "/files/video.mp4"]
        handler.answer(200, {"code": 200, "data": {"status": "completed", "outputs": outputs}})

    def download(self, handler):
        video = handler.path.endswith(".mp4")
        handler.answer(200, MP4 if video else PNG, "video/mp4" if video else "image/png")

    def cancel(self, handler):
        handler.answer(200, {"code": 200, "data": {"deleted_count": 1}})

    def look_up(self, handler):
        handler.answer(200, {"code": 200, "data": {"items": []}})

    # Answers for scripts.

    def hang(self, _handler):
        self.stopping.wait()

    def running(self, handler):
        handler.answer(200, {"code": 200, "data": {"status": "processing"}})

    def image_by_url(self, handler):
        handler.answer(200, {"data": [{"url": self.url + "/files/picture.png"}]})


def drawn(picture):
    """What a request for a picture is answered with."""
    return {"data": [{"b64_json": base64.b64encode(picture).decode()}]}


def status(code, body=None, **headers):
    """An answer with a status."""
    body = {"error": {"message": f"status {code}"}} if body is None else body
    return lambda handler: handler.answer(code, body, **headers)


def chunked(*parts):
    """A success whose body comes in these parts."""

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for part in (*parts, b""):
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))

    return answer


def close(handler):
    """The connection ends without an answer."""
    handler.close_connection = True


def cut(body):
    """Says how long the answer is, and sends half of it."""

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2])
        handler.close_connection = True

    return answer
