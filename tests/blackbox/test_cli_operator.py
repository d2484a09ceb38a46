"""What the command line does for an operator in a hurry: says which token a refusal wants and which command was
meant."""

import subprocess

import pytest

from stack import TROUPE, Stack

NULL = ("--provider", "null", "--rate", "off")


# ---- refusals and misses ----


def test_a_refused_token_is_told_with_the_one_that_is_needed(tmp_path):
    with Stack(*NULL, "--actors", "0", data=tmp_path) as stack:
        def run(role, *words):
            token = subprocess.run([TROUPE, "token", "--user", "ann", *role, "--data", tmp_path], check=True,
                                   capture_output=True, text=True).stdout.strip()
            environment = {**stack.environment, "TROUPE_URL": stack.url, "TROUPE_TOKEN": token}
            return subprocess.run([TROUPE, *words], capture_output=True, text=True, env=environment, timeout=30)

        for role, name in ([], "user"), (["--role", "viewer"], "viewer"):
            refused = run(role, "pause", "image")
            assert refused.returncode == 4
            first, *more = refused.stderr.splitlines()
            assert first == "troupe: 403 The role of this token does not allow that"
            assert more == [f"  TROUPE_TOKEN is a {name}'s; this takes an admin's, which the stack's machine makes:",
                            "  troupe token --user NAME --role admin"]
        looked = run([], "queues", "--once")
        assert looked.returncode == 4
        assert looked.stderr.splitlines()[1:] == [
            "  TROUPE_TOKEN is a user's; this takes a viewer's or an admin's, which the stack's machine makes:",
            "  troupe token --user NAME --role viewer"]
        assert run(["--role", "viewer"], "queues", "--once").returncode == 0


@pytest.mark.parametrize("said, meant", [
    ("status", "queues"), ("stats", "history"), ("list", "jobs"), ("ls", "jobs"), ("log", "audit"), ("logs", "audit"),
    ("start", "up"), ("stop", "Ctrl-C"), ("kill", "cancel"), ("get", "show")])
def test_what_other_programs_call_a_command_leads_to_ours(said, meant):
    told = subprocess.run([TROUPE, said], capture_output=True, text=True, timeout=30)
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith(f"troupe: no command {said}; ") and meant in told.stderr
