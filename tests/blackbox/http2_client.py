"""HTTP/2 by hand, for what no well-behaved client does: requests that begin and do not end."""

import socket
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS, PING = 0, 1, 4, 6
END_HEADERS = 4


class Http2:
    """One connection. Nothing of what comes is understood."""

    def __init__(self, port, source="127.0.0.1"):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30, source_address=(source, 0))
        self.socket.sendall(PREFACE)
        self.send(SETTINGS, 0, 0)

    def send(self, kind, flags, stream, payload=b""):
        head = struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream)
        self.socket.sendall(head + payload)

    def begin(self, stream, method, path):
        """Sends the head of a request whose body is to come."""
        fields = {":method": method, ":scheme": "http", ":path": path, ":authority": "localhost"}
        block = b"".join(b"\x00" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
                         for name, value in fields.items())
        self.send(HEADERS, END_HEADERS, stream, block)

    def ping(self):
        self.send(PING, 0, 0, bytes(8))

    def is_open(self):
        """Reads what there is."""
        self.socket.setblocking(False)
        try:
            while True:
                if not self.socket.recv(1 << 16):
                    return False
        except BlockingIOError:
            return True
        except ConnectionResetError:
            return False
        finally:
            self.socket.settimeout(30)

    def close(self):
        self.socket.close()
