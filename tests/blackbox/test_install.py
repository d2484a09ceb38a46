"""What `cmake --install` lays down, and that it works from there: the programs, their pages, completions and units."""

import contextlib
import os
import re
import shutil
import subprocess

import pytest

from stack import BIN, ROOT, Client, Stack

BUILD = ROOT / "build"
PROGRAMS = ["troupe", "troupe-broker", "troupe-gateway", "troupe-studio", "troupe-actor-character",
            "troupe-actor-image", "troupe-actor-video", "troupe-actor-webhook"]
UNITS = ["troupe.service", "troupe-broker.service", "troupe-gateway.service", "troupe-gateway.socket",
         "troupe-studio.service", "troupe-actor@.service"]
# Of a template, units that it makes.
RUNNING = [name for name in UNITS if "@" not in name] + [
    f"troupe-actor@{role}.service" for role in ("character", "image", "video", "webhook")]
EXPOSURE_MAX = 20  # tenths, as systemd-analyze weighs what a service may do: 100 for one without any limit

pytestmark = pytest.mark.skipif(not (BUILD / "cmake_install.cmake").exists(), reason="no release build")


def install(prefix, stage=None):
    environment = {name: value for name, value in os.environ.items() if name != "DESTDIR"}
    environment |= {"DESTDIR": str(stage)} if stage else {}
    subprocess.run(["cmake", "--install", BUILD, "--prefix", prefix], env=environment, check=True,
                   capture_output=True, text=True)


@pytest.fixture(scope="module", name="prefix")
def fixture_prefix(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("prefix")
    install(prefix)
    return prefix


def files_of(directory):
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if not path.is_dir()}


def tracked(*patterns):
    return subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, check=True, capture_output=True,
                          text=True).stdout.split()


def prose_of(path):
    """A document without its blocks of code."""
    return re.sub(r"^```.*?^```", "", path.read_text(), flags=re.S | re.M)


def links_of(path):
    """What a document links to, but for addresses of the web."""
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", prose_of(path)) if not re.match(r"[a-z]+:", link)]


def anchors_of(path):
    """The headings of a document, as links name them."""
    headings = re.findall(r"^#+ +(.+?) *$", prose_of(path), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads(path, link):
    name, _, anchor = link.partition("#")
    target = path.parent / name if name else path
    return target.exists() and (not anchor or anchor in anchors_of(target))


def test_all_is_where_a_system_looks_for_it(tmp_path):
    install("/usr", stage=tmp_path)
    wanted = {f"usr/bin/{name}" for name in PROGRAMS} | {f"usr/lib/systemd/system/{name}" for name in UNITS}
    wanted |= {f"usr/share/man/man{path.suffix[1:]}/{path.name}" for path in (ROOT / "cli/manual").iterdir()}
    wanted |= {"usr/share/bash-completion/completions/troupe", "usr/share/zsh/site-functions/_troupe",
               "usr/share/fish/vendor_completions.d/troupe.fish",
               "usr/lib/systemd/system/troupe-actor@webhook.service.d/webhook.conf"}
    wanted |= {f"usr/share/doc/troupe/{name}" for name in ("LICENSE", "README.md", "CHANGELOG.md", "troupe.env")}
    wanted |= {f"usr/share/doc/troupe/docs/{path}" for path in files_of(ROOT / "docs")}
    wanted.add("usr/share/doc/troupe/proto/PROTOCOL.md")
    wanted |= {f"usr/share/doc/troupe/{name}" for name in tracked("compose")}
    assert files_of(tmp_path) == wanted
    for name in UNITS:
        text = (tmp_path / "usr/lib/systemd/system" / name).read_text()
        assert "LimitCORE=0" in text.splitlines() or name.endswith(".socket"), "a core dump would hold keys"
        assert "@BINDIR@" not in text and "@HARDENING@" not in text and str(tmp_path) not in text, name
        assert all(path.startswith("/usr/bin/troupe") for path in re.findall(r"^ExecStart\w*=(\S+)", text, re.M))


def test_every_link_of_the_documents_leads_somewhere(prefix):
    """Where they are read: in the sources, and where they are installed."""
    documents = [ROOT / name for name in tracked("*.md")]
    installed = sorted((prefix / "share/doc/troupe").rglob("*.md"))
    assert prefix / "share/doc/troupe/README.md" in installed and ROOT / "README.md" in documents
    wrong = [f"{path}: {link}" for path in documents + installed for link in links_of(path) if not leads(path, link)]
    assert not wrong, wrong


def test_a_link_that_leads_nowhere_is_found(tmp_path):
    there, text = tmp_path / "there.md", tmp_path / "text.md"
    there.write_text("# One: `two`, three\n```\n# none\n```\n")
    text.write_text("[a](there.md#one-two-three) [b](there.md) [c](http://x/y) [d](gone.md) [e](there.md#none)\n"
                    "```\n[f](code.md)\n```\n[g](#there) ![h](gone.png)\n# There\n")
    assert [link for link in links_of(text) if not leads(text, link)] == ["gone.md", "there.md#none", "gone.png"]


def test_the_docs_that_helps_name_are_there(prefix):
    told = "".join(subprocess.run([prefix / "bin" / name, *words], capture_output=True, text=True, timeout=30).stdout
                   for name, *words in [(name, "--help") for name in PROGRAMS] +
                   [("troupe", command, "--help") for command in ("submit", "doctor", "up")])
    named = set(re.findall(r"docs/[a-z-]+\.md", told))
    assert named and all((prefix / "share/doc/troupe" / name).exists() for name in named), named
    assert "share/doc/troupe" in told


def test_the_programs_run_from_there(prefix):
    for name in PROGRAMS:
        told = subprocess.run([prefix / "bin" / name, "--version"], capture_output=True, text=True, timeout=30)
        assert told.returncode == 0 and told.stdout.startswith(f"{name} "), told
        assert told.stdout == subprocess.run([BIN / name, "--version"], capture_output=True, text=True).stdout


def test_a_stack_runs_from_there(prefix, tmp_path):
    with Stack("--provider", "null", "--rate", "off", data=tmp_path, programs=prefix / "bin") as stack:
        client = stack.client()
        assert client.wait_for(client.submit_character())["status"] == "completed"


@pytest.mark.skipif(not shutil.which("man"), reason="no man")
def test_man_finds_the_pages(prefix):
    environment = {"PATH": "/usr/bin:/bin", "MANPATH": f"{prefix}/share/man", "LC_ALL": "C.UTF-8", "MANPAGER": "cat"}
    for name in PROGRAMS:
        page = subprocess.run(["man", name], env=environment, capture_output=True, text=True, timeout=30)
        assert page.returncode == 0 and page.stderr == "" and "SEE ALSO" in re.sub(r".\x08", "", page.stdout), name


def test_the_completion_is_that_of_the_command(prefix):
    """bash-completion loads the file by the command's name; it must tell bash of itself."""
    file = prefix / "share/bash-completion/completions/troupe"
    told = subprocess.run(["bash", "-c", f"source {file} && complete -p troupe"], capture_output=True, text=True)
    assert told.stdout == "complete -F _troupe troupe\n"


# ---- units ----


def values(text, name):
    return re.findall(rf"^{name}=(.*)$", text, re.M)


def read(prefix, unit):
    return (prefix / "lib/systemd/system" / re.sub(r"@\w+", "@", unit)).read_text()


def analyze(prefix, *words):
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze here: the units are not verified")
    environment = {**os.environ, "SYSTEMD_UNIT_PATH": f"{prefix}/lib/systemd/system:", "SYSTEMD_EMOJI": "0"}
    return subprocess.run(["systemd-analyze", *words], env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("unit", RUNNING)
def test_systemd_takes_the_unit(prefix, unit):
    told = analyze(prefix, "verify", "--man=no", unit)
    assert told.returncode == 0 and told.stderr == "" and told.stdout == "", told


@pytest.mark.parametrize("unit", [unit for unit in RUNNING if unit.endswith(".service")])
def test_a_service_may_do_little_else(prefix, unit):
    text = read(prefix, unit)
    for name, value in {"DynamicUser": "yes", "NoNewPrivileges": "yes", "ProtectSystem": "strict",
                        "Restart": "on-failure", "LimitNOFILE": "65536", "CapabilityBoundingSet": ""}.items():
        assert values(text, name) == [value], name
    told = analyze(prefix, "security", "--offline=yes", "--no-pager", f"--threshold={EXPOSURE_MAX}", unit)
    assert told.returncode == 0, told.stdout


def test_units_that_conflict_are_ordered(prefix):
    """Without an order what starts meets the port and the data of what has not stopped yet, and is not tried again."""
    def named(unit, *names):
        return {word for name in names for line in values(read(prefix, unit), name) for word in line.split()}

    pairs = {(unit, other) for unit in RUNNING for other in named(unit, "Conflicts")}
    assert {frozenset(pair) for pair in pairs} == {
        frozenset((unit, "troupe.service")) for unit in RUNNING if unit != "troupe.service"}
    for unit, other in pairs:
        assert other in named(unit, "After", "Before") or unit in named(other, "After", "Before"), (unit, other)


def test_each_program_has_a_unit(prefix):
    started = {path for unit in RUNNING if unit.endswith(".service") for path in (
        line.split()[0].replace("%i", unit.partition("@")[2].removesuffix(".service"))
        for line in values(read(prefix, unit), "ExecStart"))}
    assert started == {f"{prefix}/bin/{name}" for name in PROGRAMS}


def test_the_units_set_what_their_programs_know(prefix):
    for unit in RUNNING:
        text = read(prefix, unit)
        for line in values(text, "ExecStart"):
            program = line.split()[0].replace("%i", "image")
            told = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
            told += subprocess.run([program, "up", "--help"], capture_output=True, text=True).stdout
            for name in re.findall(r"([A-Z_]+)=", " ".join(values(text, "Environment"))):
                assert name in told or f"${{{name}}}" in line, (unit, name)
        assert all(path.startswith("-/etc/troupe/") for path in values(text, "EnvironmentFile"))


def test_the_example_has_settings_alone(prefix):
    text = (prefix / "share/doc/troupe/troupe.env").read_text()
    helps = "".join(subprocess.run([prefix / "bin" / name, "--help"], capture_output=True, text=True).stdout
                    for name in PROGRAMS)
    lines = [line for line in text.splitlines() if line and not line.startswith("# ")]
    names = [re.fullmatch(r"#([A-Z_]+)=\S+", line)[1] for line in lines]
    assert len(names) > 3 and all(name in helps or name == "TROUPE_PORT" for name in names)


def test_who_calls_no_provider_gets_no_key_of_one(prefix):
    """The drop-in empties the list of files and names one again."""
    text = (prefix / "lib/systemd/system/troupe-actor@webhook.service.d/webhook.conf").read_text()
    assert values(text, "EnvironmentFile") == ["", "-/etc/troupe/troupe.env"]
    assert "-/etc/troupe/providers.env" in values(read(prefix, "troupe-actor@image.service"), "EnvironmentFile")
    for unit in "troupe-broker.service", "troupe-gateway.service", "troupe-studio.service":
        assert values(read(prefix, unit), "EnvironmentFile") == ["-/etc/troupe/troupe.env"]


@contextlib.contextmanager
def started(prefix, unit, places, **settings):
    """The program of a unit with its settings, and these; places: what stands for its directories and addresses."""
    text = read(prefix, unit)
    for name, here in places.items():
        text = text.replace(name, str(here))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TROUPE_", "LISTEN_"))}
    environment |= dict(pair.split("=", 1) for line in values(text, "Environment") for pair in line.split())
    instance = unit.partition("@")[2].removesuffix(".service")
    for line in values(text, "ExecStartPre"):
        subprocess.run(line.split(), env=environment, check=True, capture_output=True)
    line, = values(text, "ExecStart")
    process = subprocess.Popen(line.replace("%i", instance).split(), env=environment | settings, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        assert process.wait(30) == 0, unit
        process.stdout.close()


def test_what_the_units_set_makes_a_stack(prefix, tmp_path):
    """Each program with the settings of its unit alone, but where nothing else can be in the way."""
    places = {"/var/lib/troupe": tmp_path / "data", "/run/troupe": tmp_path / "run"}
    for directory in places.values():
        directory.mkdir(mode=0o700)
    with contextlib.ExitStack() as stack:
        stack.enter_context(started(prefix, "troupe-broker.service", places))
        studio = stack.enter_context(started(prefix, "troupe-studio.service", places,
                                             TROUPE_STUDIO_LISTEN="127.0.0.1:0"))
        places["http://127.0.0.1:8188"] = studio
        url = stack.enter_context(started(prefix, "troupe-gateway.service", places,
                                          TROUPE_HTTP_LISTEN="127.0.0.1:0"))
        for role in "character", "image", "video", "webhook":
            stack.enter_context(started(prefix, f"troupe-actor@{role}.service", places))
        token = subprocess.run([prefix / "bin/troupe", "token", "--user", "ada", "--data", tmp_path / "data"],
                               capture_output=True, text=True, check=True).stdout.strip()
        client = Client(url, token)
        made = client.wait_for(client.submit_character())
        assert made["status"] == "completed"
        image = client.submit_image(made["result"]["characterId"])
        assert client.wait_for(image, "media-jobs")["status"] == "completed"
