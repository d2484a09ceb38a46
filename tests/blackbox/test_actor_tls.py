"""Whom an actor believes to be its provider: by TLS, with the system's certificates. Against a fake provider whose
certificate is made anew for each test. What is trusted is put in the place of the system's file in a mount namespace of
the actor's own, as an operator's update-ca-certificates would put it into it."""

import json
import ssl
import subprocess

import fake_provider
import pytest
from fake_broker import FAIL, OPERATION, Actor
from test_actor_roles import broker  # noqa: F401

NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
SYSTEM_FILE = "/etc/ssl/certs/ca-certificates.crt"
UNSHARE = ["unshare", "--map-root-user", "--mount"]
NOT_CHARGED = 2
KEY = "sk-for-nobody-else"


def openssl(*words):
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr


class Authority:
    """Signs certificates of one server."""

    def __init__(self, folder, name):
        self.key, self.certificate = folder / f"{name}.key", folder / f"{name}.pem"
        self.folder, self.name = folder, name
        openssl("req", "-x509", *NEW_KEY, "-days", 2, "-subj", f"/CN={name}", "-keyout", self.key, "-out",
                self.certificate)

    def sign(self, host="localhost", days=1):
        """(certificate, key) of a server of this name; days are negative for one whose time has passed."""
        key, request, certificate = (self.folder / f"server-of-{self.name}.{end}" for end in ("key", "csr", "pem"))
        openssl("req", "-new", *NEW_KEY, "-subj", "/CN=server", "-addext", f"subjectAltName=DNS:{host}", "-keyout", key,
                "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-days", days,
                "-copy_extensions", "copy", "-out", certificate)
        return certificate, key


@pytest.fixture(name="trusted")
def fixture_trusted(tmp_path):
    return Authority(tmp_path, "trusted")


def self_signed(folder):
    certificate, key = folder / "self.pem", folder / "self.key"
    openssl("req", "-x509", *NEW_KEY, "-days", 1, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
            "-keyout", key, "-out", certificate)
    return certificate, key


@pytest.fixture(name="serve")
def fixture_serve():
    """Starts a provider that proves itself by a certificate."""
    made = []

    def serve_with(certificate, key):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        provider = fake_provider.Provider()
        provider.server.socket = context.wrap_socket(provider.server.socket, server_side=True,
                                                     do_handshake_on_connect=False)
        provider.url = f"https://localhost:{provider.server.server_port}"
        made.append(provider)
        return provider

    yield serve_with
    for provider in made:
        provider.close()


@pytest.fixture(name="start")
def fixture_start(broker, trusted, tmp_path):  # noqa: F811
    """Starts an actor of pictures that trusts the authority as it would one of the system's."""
    if subprocess.run([*UNSHARE, "true"], capture_output=True).returncode != 0:
        pytest.skip("nobody but root may have a mount namespace here")
    actors = []

    def start_actor(provider, **more):
        mount = f'mount --bind "{trusted.certificate}" {SYSTEM_FILE} && exec "$0"'
        settings = {"TROUPE_PROVIDER": "live", "TROUPE_ASSETS": tmp_path / "assets", **more}
        for use in "CHAT", "IMAGE", "VIDEO":
            settings |= {f"TROUPE_{use}_URL": provider.url, f"TROUPE_{use}_MODEL": "m", f"TROUPE_{use}_KEY": KEY}
        actors.append(Actor("image", broker.endpoint, [*UNSHARE, "sh", "-c", mount], **settings))
        broker.open()

    yield start_actor
    for actor in actors:
        actor.close()


def end_of_picture(broker):  # noqa: F811
    """How its job ended, and what was recorded of its paid call."""
    job = broker.start(kind="image", payload={})
    ended, states = None, []
    while ended is None or ended["name"] == "operation":
        ended = take_any(broker, job)
        if ended["name"] == "operation":
            states.append((ended["state"], ended.get("charged")))
    return ended, states


def take_any(broker, job):  # noqa: F811
    while True:
        for name in "operation", "done", "fail":
            if any(heard == name for _, heard, _ in broker.heard):
                if name == "operation":
                    return {**broker.acknowledge_operation(job), "name": name}
                record = broker.take(name)
                broker.acknowledge(record)
                return {**record, "name": name}
        assert broker.pump(10)


def test_a_provider_whose_certificate_the_system_knows_is_asked(broker, serve, start, trusted):  # noqa: F811
    provider = serve(*trusted.sign())
    start(provider)
    ended, _ = end_of_picture(broker)
    assert ended["name"] == "done" and json.loads(ended["document"])["size"] == len(fake_provider.PNG)
    assert provider.last("image")[2]["Authorization"] == f"Bearer {KEY}"


CERTIFICATES = {
    "self-signed": (lambda folder, trusted: self_signed(folder), "self-signed certificate"),
    "unknown": (lambda folder, trusted: Authority(folder, "unknown").sign(), "unable to get local issuer certificate"),
    "of another": (lambda folder, trusted: trusted.sign("elsewhere.example"),
                   "no alternative certificate subject name matches"),
    "expired": (lambda folder, trusted: trusted.sign(days=-1), "certificate has expired"),
}


@pytest.mark.parametrize("kind", CERTIFICATES)
def test_one_that_does_not_prove_itself_is_told_nothing(broker, serve, start, trusted, tmp_path, kind):  # noqa: F811
    make, words = CERTIFICATES[kind]
    provider = serve(*make(tmp_path, trusted))
    start(provider)
    ended, states = end_of_picture(broker)
    assert (ended["name"], ended["kind"], ended["code"]) == ("fail", FAIL["retry"], "provider_unreachable")
    assert words in ended["message"], ended["message"]
    assert provider.requests == [], "no key, no prompt"
    assert states[1:] == [(OPERATION["refused"], NOT_CHARGED)]


@pytest.mark.parametrize("is_plain", [True, False])
def test_a_redirect_leads_a_result_from_tls_to_tls_only(broker, serve, start, trusted, is_plain):  # noqa: F811
    provider, plain = serve(*trusted.sign()), fake_provider.Provider()
    start(provider, TROUPE_RESULT_PRIVATE="on")
    url = (plain if is_plain else provider).url + "/files/elsewhere.png"
    provider.script["image"] = [provider.image_by_url]
    provider.script["download"] = [lambda handler: handler.answer(302, b"", Location=url)]
    ended, _ = end_of_picture(broker)
    plain.close()
    assert (ended["name"], ended.get("code")) == (("fail", "result_forbidden") if is_plain else ("done", None))
    assert (provider.count("download"), plain.count("download")) == ((1, 0) if is_plain else (2, 0))
