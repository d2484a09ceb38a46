"""Which commands of `troupe` the tests have run, and which on a terminal: test_cli_commands.py looks at it last. Python
itself tells of each process that is started."""

import json
import os
import pathlib
import sys

# A run in several processes leaves there what each has seen, a file for each (script/test sets it).
DIRECTORY = os.environ.get("TEST_SEEN")
RUN, DRAWN = set(), set()


def note(words, seen=RUN):
    """The words of a process, its program first. A command that is asked for its help or that nobody answers does
    nothing."""
    words = list(map(str, words)) if isinstance(words, (list, tuple)) else []
    if len(words) > 1 and pathlib.Path(words[0]).name == "troupe" and not {"--help", "-h"} & set(words):
        if "test_cli_unreachable" not in os.environ.get("PYTEST_CURRENT_TEST", ""):
            seen.add(words[1])


def watch():
    sys.addaudithook(lambda event, values: note(values[1]) if event == "subprocess.Popen" else None)


def leave():
    if DIRECTORY and (RUN or DRAWN):
        path = pathlib.Path(DIRECTORY) / f"{os.getpid()}.runs"
        path.write_text(json.dumps({"run": sorted(RUN), "drawn": sorted(DRAWN)}))


def gather():
    """(run, drawn) by this process and those before it."""
    run, drawn = set(RUN), set(DRAWN)
    for path in pathlib.Path(DIRECTORY).glob("*.runs") if DIRECTORY else ():
        seen = json.loads(path.read_text())
        run |= set(seen["run"])
        drawn |= set(seen["drawn"])
    return run, drawn
