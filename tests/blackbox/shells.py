"""A real zsh or fish on a pseudo-terminal, with the completion of troupe where the shell looks for it."""

import os
import re

from stack import ROOT, TROUPE, wait_until
from terminal import Terminal

PROMPT = "READY>"
REPORT = "\x18"  # Ctrl-X: the line as it stands goes to the file LINE, which tells that all is drawn, too
ZSHRC = """\
fpath=({root}/cli/shell $fpath)
autoload -Uz compinit
compinit -u -D
LISTMAX=1000
PROMPT='{prompt}'
report() {{ print -r -- "$BUFFER" >"$LINE.new" && mv "$LINE.new" "$LINE" }}
zle -N report
bindkey -r '^X'
bindkey '^X' report
"""
FISH = """\
function fish_prompt; echo -n '{prompt}'; end
function fish_greeting; end
function report; commandline >"$LINE.new"; and mv "$LINE.new" "$LINE"; end
bind \\cx report
"""


def lay_out(shell, home):
    """What somebody who uses the shell has in their home."""
    if shell == "zsh":
        (home / ".zshrc").write_text(ZSHRC.format(root=ROOT, prompt=PROMPT))
        return
    completions = home / ".config/fish/completions"
    completions.mkdir(parents=True, exist_ok=True)
    if not (completions / "troupe.fish").exists():
        (completions / "troupe.fish").symlink_to(ROOT / "cli/shell/troupe.fish")
    (home / ".config/fish/config.fish").write_text(FISH.format(prompt=PROMPT))


def press_tab(shell, home, line, data=None):
    """The line after Tab was pressed behind it, without blanks at its end, and what was drawn below it."""
    lay_out(shell, home)
    told = home / "line"
    told.unlink(missing_ok=True)
    environment = {"HOME": str(home), "ZDOTDIR": str(home), "TERM": "xterm", "LC_ALL": "C.UTF-8", "LINE": str(told),
                   "PATH": f"{TROUPE.parent}:/usr/bin:/bin", "TROUPE_DATA": str(data or home / "none")}
    terminal = Terminal("--ctty", shell, "-i", environment=environment, lines=100, program="setsid", directory=home)
    try:
        terminal.until(PROMPT)
        terminal.press(f"{line}\t{REPORT}")
        wait_until(lambda: terminal.read() or told.exists(), 20, "what stands in the line")
        terminal.read()
    finally:
        terminal.process.kill()
        terminal.process.wait()
        os.close(terminal.leader)
        os.close(terminal.follower)
    drawn = re.sub(r"\x1b(\[[0-9;?>=]*[a-zA-Z~]|[()].|[=>])|\r", "", terminal.text)
    return told.read_text().rstrip(), drawn
