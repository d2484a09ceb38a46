"""A command on a pseudo-terminal, as somebody sits before it."""

import codecs
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

import runs
from stack import TROUPE, wait_until


class Terminal:
    """A command on a pseudo-terminal, and everything that it has drawn."""

    def __init__(self, *words, environment=None, columns=120, lines=30, program=TROUPE, directory=None, term="xterm"):
        self.leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        runs.note([program, *words], runs.DRAWN)
        self.usual = termios.tcgetattr(follower)
        self.process = subprocess.Popen([program, *[str(word) for word in words]], stdin=follower, stdout=follower,
                                        stderr=follower, env={**(environment or os.environ), "TERM": term},
                                        cwd=directory)
        self.follower = follower
        self.text = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")  # a read may end within a character

    def read(self, seconds=0.1):
        while select.select([self.leader], [], [], seconds)[0]:
            self.text += self.decoder.decode(os.read(self.leader, 65536))
            seconds = 0

    def until(self, text, seconds=20):
        """Waits until this was drawn, and forgets what came before."""
        deadline = time.monotonic() + seconds
        while text not in self.text:
            assert time.monotonic() < deadline, (text, self.text[-2000:])
            self.read()
        seen, self.text = self.text, ""
        return seen

    def press(self, key):
        os.write(self.leader, key.encode())

    def end(self):
        wait_until(lambda: self.read() or self.process.poll() is not None, 20, "the end of the view")
        self.read(0)
        assert termios.tcgetattr(self.follower) == self.usual, "the terminal is as it was"
        os.close(self.leader)
        os.close(self.follower)
        return self.process.returncode
