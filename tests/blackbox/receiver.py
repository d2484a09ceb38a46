"""A receiver of webhooks on loopback for a test: remembers what came, and answers as it is told."""

import base64
import hashlib
import hmac
import http.server
import json
import threading

from stack import wait_until


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # a connection that has to wait for the machine is no failed delivery


class Receiver:
    """`answer(number, body)` gives (status, headers) for the number-th request; it may wait on `ended`. Use `with`."""

    def __init__(self, answer=lambda number, body: (204, {})):
        self.answer = answer
        self.requests = []
        self.ended = threading.Event()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.lock:
                    receiver.requests.append((dict(self.headers.items()), body, self.path))
                    number = len(receiver.requests)
                status, headers = receiver.answer(number, body)
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.lock = threading.Lock()
        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()

    def wait(self, count, seconds=30):
        """The first `count` requests, once they have come."""
        wait_until(lambda: len(self.requests) >= count, seconds, f"{count} deliveries")
        return self.requests[:count]

    def bodies(self):
        return [json.loads(body) for _, body, _ in list(self.requests)]

    def delivered(self):
        """{(type, job id): the webhook ids that it came with}."""
        found = {}
        for headers, body, _ in list(self.requests):
            event = json.loads(body)
            found.setdefault((event["type"], event["data"]["jobId"]), set()).add(headers["webhook-id"])
        return found


def signature(secret, headers, body):
    """What webhook-signature must have for a secret ("whsec_...")."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
