"""Which ids a line of the log must have.

Every message that stands in neither list below is of a job: its line has `job` and `request`. A new line without them
fails test_logs.py, until it has its ids or its message is written down here, with what it is of.
"""

import re

from stack import ROOT

FOLDERS = ["base", "gateway", "broker", "actors", "cli"]
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# Of a process, a peer, a store or a disk as a whole.
OF_THE_PROCESS = {
    "base": """
        a setting is missing
        bad setting
        cannot listen for metrics
        cannot write the metrics
        file of a setting cannot be read
        log level switched
        file of a setting is open to others; it must have mode 0600, or be on a read-only mount
        metrics
        no randomness from the kernel
        secret has a blank, a line's end or another byte that keys do not have
        setting is too long
        started
        unknown setting
        """,
    "gateway": """
        a setting is missing
        answer without its records
        assets of what was deleted cannot be removed
        assets swept
        bad address to listen on
        bad broker endpoint
        bad setting
        broker does not know a message
        cannot listen
        cannot make a descriptor
        cannot open the assets directory
        cannot read the secret
        cannot watch the broker's socket
        connection to the broker lost
        events malformed
        events missed
        frame refused
        more than one socket is inherited
        object store cannot be asked
        record of another session
        record refused
        requests that do not arrive are cut off
        session opened
        session refused
        stopped with open connections
        stopping
        the address is in use
        the inherited descriptor is no socket that listens
        the object store's answer is no list of what was asked for
        the secret is too short
        the secret's file is open to others; it must have mode 0600, or be on a read-only mount
        there are more unused assets than are removed at once
        unfinished writes cannot be swept from the assets directory
        unfinished writes cannot be swept from the object store
        unfinished writes dropped
        unused asset cannot be removed
        unused assets cannot be swept
        unused assets cannot be swept from the assets directory
        what was deleted cannot be removed from the object store
        """,
    "broker": """
        a backup that failed keeps its name
        a backup that was not finished is removed
        a record is damaged: it is passed over
        a setting is missing
        an idempotency or dedupe key is damaged: it counts as unused
        backup failed
        backup made
        bad setting
        bad usage: see --help
        broker is not well
        cannot answer
        cannot begin a backup
        cannot bind
        cannot commit
        cannot finish the turn
        cannot look for the jobs of a bulk
        cannot look for what deleted characters left
        cannot look for what is kept no longer
        cannot open the store
        cannot publish
        cannot record
        cannot restore what the store has
        cannot start
        cannot tell of the users
        cannot write to the store
        commits are not synced: a power cut loses jobs
        disk has room again
        disk nearly full: new jobs are refused
        entries of the retention index are damaged
        entries of the store are damaged: they are passed over
        error from a gateway
        error from an actor
        gateway connected
        jobs
        peer lost
        peers
        ready
        refused
        searches have the priority of jobs
        slow commit
        so far
        stopped
        store open
        the path of the data directory is too long
        """,
    "actors": """
        asset directory cannot be made
        bad fault rules
        bad setting
        broker does not know a message of ours
        broker refused
        cannot check the providers
        cannot listen
        cannot start
        connection to the broker is made again
        connection to the broker lost
        event loop failed
        fault
        film failed
        frame of the broker refused
        hello
        jobs handed back
        picture failed
        providers file cannot be read
        providers file is no JSON object
        providers file is wrong
        providers file names nobody for a use
        session opened
        setting is missing
        setting is no list of host names in lower case and *.domain
        setting is not local, live, null or null:MS
        stopped
        stopping: no more jobs are taken
        the asset store takes nothing: no paid call is made
        the asset store takes something again
        the connection to the broker has its socket again
        the connection to the broker has no socket: tried again
        waiting for paid calls
        working
        """,
    "cli": """
        cannot fork
        child cannot start
        child ended
        child started
        no pipe for a child
        no signalfd
        restarted
        restarting
        """,
}
OF_THE_PROCESS = {folder: {line.strip() for line in text.splitlines() if line.strip()}
                  for folder, text in OF_THE_PROCESS.items()}

# Of an HTTP request that no job can be named for: `request` alone.
OF_A_REQUEST = {
    "a line of the audit log is lost",
    "an export of jobs breaks off",
    "asset cannot be had from the object store",
    "asset cannot be opened",
    "asset cannot be read",
    "asset's address cannot be signed",
    "object store broke off an asset",
    "object store cannot be asked",
}

# They have both ids, and one of them may be empty: requests that are about no job, jobs that nobody asked for by a
# request (deliveries), the store's own probe, and what a damaged record or another request's message does not tell.
MAY_LACK_ONE = {
    "a job stays for ever: a record is damaged",
    "budget nearly spent",
    "cannot dispatch",
    "cannot read a job",
    "cannot read the store",
    "document is left out of a list: it is no JSON object",
    "document is no JSON object",
    "object store failed, trying again",
    "page of events malformed",
    "request answered",
    "request refused",
    "slow reader cut off",
    "what was cut off stays in the object store until it is swept",
}


def is_of_the_process(message):
    return any(message in messages for messages in OF_THE_PROCESS.values())


def judge(line):
    """What is wrong with the ids of a line, as json reads it; None when nothing is."""
    message, job, request = line["msg"], line.get("job"), line.get("request")
    if is_of_the_process(message) and request is None:
        return None if job is None else "is of a job, and said to be of the process"
    if message in OF_A_REQUEST:
        return None if request else "has no request"
    if job is None or request is None:
        return "has not both ids"
    if job != "" and not ID.fullmatch(job):
        return "has a job that is no id"
    if message.startswith("request "):
        return judge_answer(line)
    if message in MAY_LACK_ONE:
        return None
    is_delivery = line["program"] == "troupe-actor-webhook"
    return None if job and (request or is_delivery) else "has an id that is empty"


def judge_answer(line):
    """The gateway's line of a request: it has the job that its path names, or that it has made."""
    makes = line.get("method") == "POST" and line["route"].endswith(("/queue", "/duplicate")) and line["status"] == 202
    is_none = line.get("code") in {"job_not_found", "delivery_not_found"}  # what its path names may be no id at all
    names = (":jobId" in line["route"] or ":deliveryId" in line["route"]) and not is_none
    if not line["request"]:
        return "has no request"
    return None if line["job"] or not (makes or names) else "has not its job"


# ---- the sources ----


def arguments_of(text, begin):
    """The arguments of a call, by the place behind its bracket."""
    depth, quoted, at, found = 1, False, begin, []
    while depth > 0:
        letter = text[at]
        if quoted:
            at += letter == "\\"
            quoted = letter != '"'
        elif letter == '"':
            quoted = True
        elif letter in "({":
            depth += 1
        elif letter in ")}":
            depth -= 1
        elif letter == "," and depth == 1:
            found.append(text[begin:at])
            begin = at + 1
        at += 1
    return [*found, text[begin:at - 1]]


def texts_of(argument):
    """The texts in an argument: parts of one are joined, two of a choice are two."""
    found, end = [], None
    for match in re.finditer(r'"((?:\\.|[^"\\])*)"', argument):
        part = match[1].replace('\\"', '"')
        if end is not None and not argument[end:match.start()].strip():
            found[-1] += part
        else:
            found.append(part)
        end = match.end()
    return found


def calls():
    """Each call that logs: (folder, where, messages, the pairs' format)."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.c")):
            text = path.read_text()
            for match in re.finditer(r"^ .*?\blog_(debug|info|warn|error|line)\(", text, re.MULTILINE):
                arguments = arguments_of(text, match.end())
                message, pairs = arguments[1:3] if match[1] == "line" else arguments[:2]
                where = f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}"
                yield folder, where, texts_of(message), "".join(texts_of(pairs))
