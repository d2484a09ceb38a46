#!/usr/bin/python3
"""The house style as a test. Each check yields problems as "path:line: text"; the tables below hold its rules.

Sources are what git tracks or would track. The checks of pure modules and of global state read the object files of
the developer build (build/dev): they look at what the compiler made, so nothing can hide in a macro.

    tests/tidy.py [--junit FILE] [CHECK...]
"""

import ast
import collections
import functools
import importlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time
from xml.sax.saxutils import quoteattr

ROOT = pathlib.Path(__file__).resolve().parent.parent
OBJECTS = ROOT / "build/dev"

LINE_COLUMNS_MAX = 100
SCRIPT_COLUMNS_MAX = 120  # shell, Python and CMake have no formatter here
FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70

# Who may include a third-party header: files by their stem (x.h and x.c), folders with a slash at the end.
# One owner in each program keeps a library's ways out of the rest of it. Tests may include what they test against.
OWNERS = {
    r"h2o(\.h|/.*)": ["gateway/", "actors/studio/"],
    r"zmq\.h": ["actors/link", "broker/", "gateway/broker_link"],
    r"czmq\.h": ["broker/"],
    r"rocksdb/.*": ["broker/"],
    r"curl/.*": ["actors/http_transfer", "actors/http_headers", "cli/client", "gateway/http_client"],
    r"uv\.h": ["actors/loop"],
    r"msgpack(\.h|/.*)": ["proto/"],
    r"jansson\.h": ["actors/", "base/token", "broker/character_name", "cli/document", "gateway/body"],
    r"openssl/.*": ["base/"],
    r"(cairo.*|png)\.h": ["actors/studio/"],
    r"lib(av|sw)[a-z]+/.*": ["actors/studio/"],
    r"xxhash\.h": ["base/", "broker/"],
}

# Functions that overflow, keep hidden state, or read numbers without telling errors.
BANNED = {
    "strcpy": "buffer_append or memcpy with a checked size",
    "strcat": "buffer_append",
    "sprintf": "snprintf or buffer_append_format",
    "vsprintf": "vsnprintf",
    "gets": "fgets",
    "strtok": "memchr on a slice",
    "alloca": "a buffer",
    "atoi": "settings_parse_integer",
    "atol": "settings_parse_integer",
    "atoll": "settings_parse_integer",
    "rand": "random_bytes",
    "srand": "random_bytes",
    "random": "random_bytes",
    "localtime": "clock_format",
    "gmtime": "clock_format",
    "ctime": "clock_format",
}
SLEEPS = re.compile(r"\b(sleep|usleep|nanosleep|clock_nanosleep)\s*\(")

# Modules without input, output, time, randomness or threads: folders, or single files by stem.
PURE = ["actors/call_meter", "actors/chat_text", "actors/chat_wire", "actors/documents", "actors/image_wire",
        "actors/leases", "actors/operations", "actors/picture", "actors/prompt", "actors/provider_check",
        "actors/provider_error",
        "actors/provider_list", "actors/result", "actors/session", "actors/text", "actors/timers", "actors/turns",
        "actors/wavespeed_wire", "actors/webhook_body", "base/address", "base/address_class", "base/buffer",
        "base/encoding", "base/header_list", "base/histogram", "base/id", "base/json_writer", "base/metrics",
        "base/metrics_head", "base/money", "base/name_lookups", "base/signature", "base/status", "base/timestamp",
        "broker/batch", "broker/busiest", "broker/character_name", "broker/core/", "broker/error_shape",
        "broker/event_days", "broker/event_page", "broker/record_orders",
        "broker/expiry", "broker/forget", "broker/head", "broker/history", "broker/inputs", "broker/job_filter",
        "broker/keys", "broker/list_merge", "broker/list_source", "broker/name_match", "broker/outbox",
        "broker/publication",
        "broker/query_bulk", "broker/query_dispatch", "broker/query_documents", "broker/query_events",
        "broker/query_facts", "broker/query_failures", "broker/query_group", "broker/query_job", "broker/query_list",
        "broker/query_live", "broker/query_removals", "broker/query_search",
        "broker/query_spent", "broker/query_sweep", "broker/query_webhook", "broker/record_documents",
        "broker/record_keys", "broker/record_webhook", "broker/recorder", "broker/search",
        "broker/store_status", "broker/turn",
        "broker/values", "proto/", "s3/answer", "s3/bucket", "s3/list", "s3/request", "s3/sigv4"]
# What pure code may call besides pure code, as full matches of symbol names.
PURE_SYMBOLS = re.compile(
    r"mem(cpy|move|set|cmp|chr|rchr|mem)|str(len|nlen|cmp|ncmp|chr|rchr|casecmp|ncasecmp|casestr|str|spn|cspn)|bcmp|"
    r"malloc|calloc|realloc|free|abort|(__)?explicit_bzero(_chk)?|v?snprintf|qsort|bsearch|"
    r"__(v?snprintf|memcpy|memmove|memset)_chk|__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|"
    r"__(asan|ubsan|sanitizer|lsan|gcov|tsan|sanitizer_cov)_.*|__ctype_b_loc|"
    r"clock_format"  # the pure half of base/clock
)
# Pure parts of libraries, for the modules that own them.
PURE_LIBRARIES = {
    "actors/": re.compile(r"json_.*|jsonp_.*"),
    "broker/character_name": re.compile(r"json_.*"),
    "base/encoding": re.compile(r"SHA256|HMAC|EVP_(MD_CTX_(new|free)|Digest\w+|sha256)"),
    "proto/": re.compile(r"msgpack_.*"),
}

# The writable globals that there are, each with its reason. All other state is owned by main and passed down.
GLOBALS = {
    ("base/log", "log_program"): "set once by main (log.h)",
    ("base/log", "log_json"): "set once by main (log.h)",
    ("base/log", "log_threshold"): "one level for a process, which may change at run time (log.h)",
    ("base/log", "log_switched_by"): "the process whose signal switched the level last (log.h)",
    ("base/log", "log_switched_ms"): "and when: what comes from another one soon after is the same wish (log.h)",
    ("base/log", "log_untold"): "a signal's handler writes no line: the next turn of the loop does (log.h)",
    ("base/log", "log_threshold_set"): "the level that a signal's handler goes back to (log.h)",
    ("cli/follow", "interrupted"): "a signal handler can reach nothing else",
}

# What starts programs and has settings of its own, which the programs inherit.
STARTERS = ["systemd/troupe.service.in", "compose/env.example", "script/setup"]

MARKS = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX"]) + r")\b")
MACHINE_PATHS = re.compile(r"(?<![\w.])/wor" + r"k/\w|/tmp/bash_" + r"jobs|\.\./shar" + r"ed\b")
MACHINE_PATHS_ALLOWED = {".ci/run"}  # it looks for a tool beside the repository, and goes on without


def run(command, **options):
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False, **options)


@functools.cache
def tracked():
    """Every file of the project, as a path relative to the root."""
    listing = run(["git", "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard"])
    if listing.returncode != 0:
        sys.exit("tidy: git cannot list the files: " + listing.stderr)
    return [name for name in sorted(listing.stdout.splitlines()) if (ROOT / name).is_file()]


@functools.cache
def text_of(name):
    """A file's text, or None when it is binary."""
    data = (ROOT / name).read_bytes()
    return None if b"\0" in data[:8192] else data.decode("utf-8", "replace")


def c_files():
    return [name for name in tracked() if name.endswith((".c", ".h"))]


@functools.cache
def code_of(name):
    """C without comments and the insides of literals, line for line."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)

    def blank(match):
        token = match.group(0)
        return token[0] * 2 if token[0] in "\"'" else " " + "\n" * token.count("\n")

    return pattern.sub(blank, text_of(name))


def grep(names, pattern, read=text_of):
    """Yields (name, line number, match) for every line of the files that the pattern is found in."""
    for name in names:
        for number, line in enumerate((read(name) or "").split("\n"), 1):
            match = pattern.search(line)
            if match:
                yield name, number, match


def stem(name):
    return name.rsplit(".", 1)[0]


def belongs(name, owners):
    return any(name.startswith(owner) if owner.endswith("/") else stem(name) == owner for owner in owners)


@functools.cache
def tags(kinds):
    files = c_files()
    command = ["ctags", "--languages=C", "--langmap=C:.c.h", "--output-format=json", "--fields=+neS",
               f"--kinds-C={kinds}", "-f", "-", "-L", "-"]
    result = run(command, input="\n".join(files))
    if result.returncode != 0:
        sys.exit("tidy: ctags failed: " + result.stderr)
    return [json.loads(line) for line in result.stdout.splitlines()]


def check_format():
    """clang-format 14 has nothing to change."""
    names = c_files()
    count = max(1, os.cpu_count() or 1)
    running = [
        subprocess.Popen(["clang-format-14", "--dry-run", *names[part::count]], cwd=ROOT, text=True,
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for part in range(count) if names[part::count]
    ]
    for process in running:
        seen = set()
        for line in process.communicate()[1].splitlines():
            match = re.match(r"(\S+?):\d+:\d+: ", line)
            if match is None and process.returncode == 0:
                continue
            name = match.group(1) if match else line
            if name not in seen and (match is None or "clang-format-violations" in line):
                seen.add(name)
                yield f"{':'.join(line.split(':')[:2])}: not formatted (clang-format-14 -i {name})"


def check_lines():
    """Lines are short, without tabs or trailing blanks, and end with a line end."""
    for name in tracked():
        text = text_of(name)
        is_code = name.endswith((".c", ".h"))
        is_script = name.endswith((".py", ".cmake", "CMakeLists.txt")) or (text or "").startswith("#!")
        if text is None or not (is_code or is_script or name.endswith((".md", ".yaml", ".json"))):
            continue
        columns_max = LINE_COLUMNS_MAX if is_code else SCRIPT_COLUMNS_MAX if is_script else None
        for number, line in enumerate(text.split("\n"), 1):
            if columns_max and len(line) > columns_max:
                yield f"{name}:{number}: {len(line)} columns, {columns_max} are allowed"
            if "\t" in line and (is_code or is_script):
                yield f"{name}:{number}: a tab"
            if line != line.rstrip() and not name.endswith(".md"):
                yield f"{name}:{number}: blanks at the end"
        if text and not text.endswith("\n"):
            yield f"{name}:{text.count(chr(10)) + 1}: no line end at the end of the file"


def check_sizes():
    """Files and functions are short."""
    for name in c_files():
        count = text_of(name).count("\n")
        if count > FILE_LINES_MAX:
            yield f"{name}:{count}: {count} lines, {FILE_LINES_MAX} are allowed"
    for tag in tags("f"):
        count = tag["end"] - tag["line"] + 1
        if count > FUNCTION_LINES_MAX:
            yield f"{tag['path']}:{tag['line']}: {tag['name']} has {count} lines, {FUNCTION_LINES_MAX} are allowed"


def check_switches():
    """A switch over one of our enums has no default, so that the compiler finds the case that is missing."""
    ours = {tag["name"] for tag in tags("e") if not tag.get("scope", "__anon").startswith("__anon")}
    for name in c_files():
        code = code_of(name)
        for match in re.finditer(r"\bdefault\s*:", code):
            # Walk back to the brace that opens the switch, keeping the labels at its own depth.
            depth, place = 0, match.start()
            while place > 0 and depth >= 0:
                place -= 1
                depth += {"}": 1, "{": -1}.get(code[place], 0)
            labels = re.findall(r"\bcase\s+(\w+)\s*:", code[place:match.start()])
            if any(label in ours for label in labels):
                number = code.count("\n", 0, match.start()) + 1
                yield f"{name}:{number}: default in a switch over an enum"


def check_calls():
    """Nothing calls a banned function; tests sleep only within a function that waits for a condition."""
    pattern = re.compile(r"(?<![\w>.])(" + "|".join(BANNED) + r")\s*\(")
    for name, number, match in grep(c_files(), pattern, code_of):
        yield f"{name}:{number}: {match.group(1)} is banned: use {BANNED[match.group(1)]}"
    tests = [name for name in c_files() if name.startswith("tests/")]
    for name, number, match in grep(tests, SLEEPS, code_of):
        yield f"{name}:{number}: {match.group(1)} in a test: wait for a condition with a bound"
    for name in tracked():
        if name.startswith("tests/") and name.endswith(".py"):
            yield from sleeps_in(name)


def sleeps_in(name):
    """Calls of sleep in Python, but for those in functions that are named for waiting (wait_..., until_...)."""
    waiting = re.compile(r"(^|_)(wait|until|poll)")

    def walk(node, is_waiting):
        for child in ast.iter_child_nodes(node):
            inside = is_waiting
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                inside = bool(waiting.search(child.name))
            if isinstance(child, ast.Call) and ast.unparse(child.func).split(".")[-1] == "sleep" and not inside:
                yield f"{name}:{child.lineno}: sleep in a test: wait for a condition with a bound"
            yield from walk(child, inside)

    return walk(ast.parse(text_of(name)), False)


def check_guards():
    """A header's guard is TROUPE_, its path and _H."""
    for name in c_files():
        if not name.endswith(".h"):
            continue
        guard = "TROUPE_" + re.sub(r"[^A-Z0-9]", "_", name.upper())
        if not re.match(rf"#ifndef {guard}\n#define {guard}\n", text_of(name)):
            yield f"{name}:1: the first lines must be #ifndef {guard} and #define {guard}"


def check_marks():
    """No notes of unfinished work, and no path of one machine."""
    for name, number, match in grep(tracked(), MARKS):
        yield f"{name}:{number}: {match.group(0)}: finish it, or write down why not in words"
    others = [name for name in tracked() if name not in MACHINE_PATHS_ALLOWED]
    for name, number, match in grep(others, MACHINE_PATHS):
        yield f"{name}:{number}: {match.group(0)} is a path of one machine"


def check_owners():
    """A third-party header has one owner in each program (the table above)."""
    pattern = re.compile(r"^\s*#\s*include\s*<([^>]+)>")
    for name, number, match in grep(c_files(), pattern):
        header = match.group(1)
        for known, owners in OWNERS.items():
            if re.fullmatch(known, header) and not name.startswith("tests/") and not belongs(name, owners):
                yield f"{name}:{number}: <{header}> belongs to {', '.join(owners)} (table in tests/tidy.py)"


def check_links():
    """A relative link in a document points at a file that exists."""
    documents = [name for name in tracked() if name.endswith(".md")]
    for name in documents:
        text = re.sub(r"```.*?```", lambda block: "\n" * block.group(0).count("\n"), text_of(name), flags=re.S)
        for match in re.finditer(r"\]\(([^)\s#]+)(#[^)\s]*)?\)", text):
            target = match.group(1)
            if re.match(r"[a-z]+:", target) or (ROOT / name).parent.joinpath(target).exists():
                continue
            yield f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {target} does not exist"


@functools.cache
def objects():
    """Object files of the developer build, by the stem of their source."""
    found = {}
    for path in OBJECTS.rglob("*.c.o"):
        relative = path.relative_to(OBJECTS).as_posix()
        source = re.sub(r"CMakeFiles/[^/]+\.dir/", "", relative)[: -len(".o")]
        source = os.path.normpath(source.replace("__/", "../"))  # CMake's name for the folder above
        if (ROOT / source).is_file():
            found[stem(source)] = path
    return found


def symbols_of(paths, *options):
    """Runs nm over object files; returns {path: [(type, name)]}."""
    result = run(["nm", "-A", "--format=posix", *options, *map(str, paths)])
    found = collections.defaultdict(list)
    for line in result.stdout.splitlines():
        path, rest = line.split(": ", 1)
        name, kind = rest.split()[:2]
        found[path].append((kind, name))
    return found


def check_pure():
    """Pure modules call nothing but pure code: no input, output, time, randomness, threads."""
    pure = {source: path for source, path in objects().items() if belongs(source + ".c", PURE)}
    missing = [name for name in tracked() if name.endswith(".c") and belongs(name, PURE) and stem(name) not in pure]
    for name in missing:
        yield f"{name}:1: no object file in build/dev: build it first (script/build dev)"
    if not pure:
        return
    symbols = symbols_of(pure.values())
    defined = {name for entries in symbols.values() for kind, name in entries if kind not in "Uwv"}
    for source, path in sorted(pure.items()):
        library = [rule for owner, rule in PURE_LIBRARIES.items() if belongs(source + ".c", [owner])]
        for kind, name in symbols[str(path)]:
            known = name in defined or PURE_SYMBOLS.fullmatch(name)
            if kind == "U" and not known and not any(rule.fullmatch(name) for rule in library):
                yield f"{source}.c:1: a pure module needs {name}"


def check_globals():
    """No object has writable globals or static locals: main owns all state and passes it down."""
    ours = {source: path for source, path in objects().items() if not source.startswith("tests/")}
    if not ours:
        return
    listing = run(["objdump", "-t", *map(str, ours.values())]).stdout
    source_of = {str(path): source for source, path in ours.items()}
    source = None
    for line in listing.splitlines():
        if ":     file format" in line:
            source = source_of[line.split(":     ")[0]]
            continue
        match = re.match(r"[0-9a-f]{16} (.{7}) (\.data|\.bss)(\.\S+)?\s+[0-9a-f]+ (?:\.hidden )?(\S+)$", line)
        if match is None or (match.group(3) or "").startswith(".rel.ro"):
            continue
        name = match.group(4)
        if "O" in match.group(1) and not name.startswith(("_", ".")) and (source, name) not in GLOBALS:
            yield f"{source}.c:1: {name} is a writable global"


def check_settings():
    """base/setting_names.c has the settings that the programs read, and no other."""
    listed = set(re.findall(r'^    "(\w+)",$', text_of("base/setting_names.c"), re.M))
    sources = [name for name in c_files() if not name.startswith("tests/") and name != "base/setting_names.c"]
    read = collections.defaultdict(list)  # what stands in quotes: names, and patterns of names
    for name in sources:
        for match in re.finditer(r'"((?:TROUPE|QUEUE)_[A-Z0-9_%s]*[A-Z0-9]|%s_FILE)(?==|")', text_of(name)):
            read[match.group(1)].append(f"{name}:{text_of(name).count(chr(10), 0, match.start()) + 1}")
    for name in {each for each in read if "%" not in each} - listed:
        yield f"{read[name][0]}: {name} is not in base/setting_names.c"
    patterns = [re.escape(each).replace("%s", r"(CHAT|IMAGE|VIDEO|TROUPE_S3_\w+)") for each in read if "%" in each]
    started = set(re.findall(r"TROUPE_\w+", "".join(text_of(name) for name in STARTERS)))
    for name in listed - set(read) - started:
        if not any(re.fullmatch(pattern, name) for pattern in patterns):
            yield f"base/setting_names.c:1: nothing reads {name}"


def check_plants():
    """Each planted bug of the simulator has its place: only the long tests plant them."""
    sys.path.insert(0, str(ROOT / "tests/sim"))
    sys.dont_write_bytecode = True
    bugs = importlib.import_module("bugs").BUGS
    for bug in bugs:
        count = (ROOT / bug.file).read_text(encoding="utf-8").count(bug.old)
        if count != 1:
            yield f"tests/sim/bugs.py:1: the text of {bug.name} stands {count} times in {bug.file}"


def main(arguments):
    checks = {name[len("check_"):]: check for name, check in globals().items() if name.startswith("check_")}
    report = None
    if arguments[:1] == ["--junit"]:
        report, arguments = arguments[1], arguments[2:]
    unknown = [name for name in arguments if name not in checks]
    if unknown:
        sys.exit(f"tidy: no check {unknown[0]}; there are: {', '.join(checks)}")
    cases, failed = [], 0
    for name in arguments or checks:
        start = time.monotonic()
        problems = list(checks[name]())
        seconds = time.monotonic() - start
        failed += bool(problems)
        print(f"{'FAILED' if problems else 'ok':6} {name}: {checks[name].__doc__} ({seconds:.1f} s)")
        for problem in problems:
            print(f"       {problem}")
        body = f"<failure message={quoteattr(chr(10).join(problems))}/>" if problems else ""
        cases.append(f'<testcase classname="tidy" name="{name}" time="{seconds:.3f}">{body}</testcase>')
    if report:
        head = f'<testsuite name="tidy" tests="{len(cases)}" failures="{failed}" errors="0" skipped="0">'
        pathlib.Path(report).write_text(f"{head}{''.join(cases)}</testsuite>\n", encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
