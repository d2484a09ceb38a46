"""A TCP proxy that a test cuts: connections through it are torn, new ones refused, or everything is held still."""

import contextlib
import select
import socket
import threading


class Proxy:
    """Listens on a free port of 127.0.0.1, or on this one, and passes on to (host, port). Thread safe."""

    def __init__(self, target, port=0):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        self.open = threading.Event()
        self.flowing = threading.Event()
        self.open.set()
        self.flowing.set()
        self.lock = threading.Lock()
        self.pairs = set()
        self.closed = False
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while not self.closed:
            try:
                client, _ = self.listener.accept()
            except OSError:
                self.open.wait(0.05)  # it refuses
                continue
            if not self.open.is_set():
                client.close()
                continue
            try:
                server = socket.create_connection(self.target, 5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self.lock:
                self.pairs.add((client, server))
            threading.Thread(target=self.pump, args=(client, server), daemon=True).start()

    def pump(self, client, server):
        other = {client: server, server: client}
        try:
            while True:
                ready, _, _ = select.select([client, server], [], [], 0.5)
                self.flowing.wait()
                for end in ready:
                    data = end.recv(1 << 16)
                    if not data:
                        return
                    other[end].sendall(data)
        except (OSError, ValueError):
            pass  # torn by cut, or by one of the two
        finally:
            self.forget(client, server)

    def forget(self, client, server):
        with self.lock:
            self.pairs.discard((client, server))
        for end in (client, server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def tear(self):
        """Ends every connection."""
        with self.lock:
            pairs = list(self.pairs)
        for pair in pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def cut(self):
        """Ends every connection and takes no other until heal."""
        self.open.clear()
        self.tear()

    def refuse(self):
        """Ends every connection and has others refused until heal. The port stays its own when it was named."""
        self.open.clear()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.tear()

    def hold(self):
        """Passes nothing on until heal, and ends nothing."""
        self.flowing.clear()

    def heal(self):
        self.listener.listen()
        self.flowing.set()
        self.open.set()

    def close(self):
        self.closed = True
        self.heal()
        self.cut()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
