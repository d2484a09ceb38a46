"""A provider that never comes to an end, for thousands of jobs at once: polls say that the task runs, pictures get no
answer until all of them do. One thread, any number of connections."""

import asyncio
import base64
import json
import threading

RUNNING = json.dumps({"code": 200, "data": {"status": "processing", "outputs": []}}).encode()
DELETED = json.dumps({"code": 200, "data": {"deleted_count": 1}}).encode()


def answer_of(body):
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


class Slow(asyncio.Protocol):
    def __init__(self, provider):
        self.provider = provider
        self.bytes = b""

    def connection_made(self, transport):
        self.transport = transport
        self.provider.open += 1

    def connection_lost(self, error):
        self.provider.open -= 1

    def data_received(self, data):
        self.bytes += data
        while b"\r\n\r\n" in self.bytes:
            head, _, rest = self.bytes.partition(b"\r\n\r\n")
            size = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                         if line.lower().startswith(b"content-length:")), 0)
            if len(rest) < size:
                return
            self.bytes = rest[size:]
            self.take(head.split(b" ", 2)[1])

    def take(self, path):
        if path.endswith(b"/result"):
            self.provider.polls += 1
            self.transport.write(answer_of(RUNNING))
        elif path.endswith(b"/delete"):
            self.provider.deletes += 1
            self.transport.write(answer_of(DELETED))
        else:
            self.provider.hanging += 1
            self.provider.waiting.append(self.transport)


class SlowProvider:
    def __init__(self):
        self.open = self.polls = self.deletes = self.hanging = 0
        self.waiting = []
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        assert self.ready.wait(10)

    def run(self):
        self.server = self.loop.run_until_complete(
            self.loop.create_server(lambda: Slow(self), "127.0.0.1", 0, backlog=4096))
        self.url = "http://127.0.0.1:%d" % self.server.sockets[0].getsockname()[1]
        self.ready.set()
        self.loop.run_forever()

    def draw(self, picture):
        """Everybody who waits gets this picture, at once."""
        answer = answer_of(json.dumps({"data": [{"b64_json": base64.b64encode(picture).decode()}]}).encode())

        def send():
            for transport in self.waiting:
                transport.write(answer)

        self.loop.call_soon_threadsafe(send)

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.server.close()
        self.loop.close()
