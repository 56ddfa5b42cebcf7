"""`lanewatch completion SHELL`: from one table of commands and options."""

from __future__ import annotations

SHARED = ("--since", "--config", "--help")
SCREEN = ("--theme", "--no-mouse", "--ascii", "--poll", "--read-only")
VERB = (
    "--in", "--tree", "--family", "--route", "--reason", "--dry-run", "--wait", "--json", "--since", "--config",
    "--help",
)  # fmt: skip
OPTIONS: dict[str, tuple[str, ...]] = {
    "": (*SHARED, *SCREEN, "--version"),
    "demo": ("--speed", "--config", "--help", *SCREEN),
    "lanes": (*SHARED, "--json", "--at"),
    "findings": (
        *SHARED,
        "--json",
        "--at",
        "--all",
        "--kind",
        "--severity",
        "--lane",
        "--mute",
        "--unmute",
        "--reason",
    ),
    "explain": (*SHARED, "--at"),
    "report": (*SHARED, "--format", "--output", "--from", "--to", "--title", "--compare", "--schema"),
    "events": ("--json", "--help"),
    "export": (*SHARED, "--output", "--force", "--from", "--to", "--json"),
    "pause": (*VERB, "--for"),
    "resume": VERB,
    "redirect": (*VERB, "--text", "--file", "--now"),
    "close": (*VERB, "--text", "--file", "--template", "--within"),
    "audit": ("--since", "--lane", "--verify", "--json", "--help"),
    "install": ("claude", "codex", "--project", "--dry-run", "--help"),
    "uninstall": ("claude", "codex", "--project", "--dry-run", "--help"),
    "doctor": SHARED,
    "config": ("--defaults", "--themes", "--keys", "--path", "--config", "--help"),
    "completion": ("bash", "zsh", "fish"),
}
"""By command; the empty one is the live screen."""


def script(shell: str) -> str:
    """The completion script for bash, zsh or fish."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]()


def _commands() -> list[str]:
    return [name for name in OPTIONS if name]


def _bash() -> str:
    cases = "\n".join(f'    {name}) words="{" ".join(words)}" ;;' for name, words in OPTIONS.items() if name)
    return f"""\
# lanewatch completion for bash: eval "$(lanewatch completion bash)"
_lanewatch() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} words
  case ${{COMP_WORDS[1]}} in
{cases}
    *) words="{" ".join(OPTIONS[""])}"; [ "$COMP_CWORD" -eq 1 ] && words="$words {" ".join(_commands())}" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word") $(compgen -f -- "$word"))
}}
complete -o filenames -F _lanewatch lanewatch
"""


def _zsh() -> str:
    cases = "\n".join(f"    {name}) words=({' '.join(words)}) ;;" for name, words in OPTIONS.items() if name)
    return f"""\
#compdef lanewatch
# lanewatch completion for zsh: eval "$(lanewatch completion zsh)"
_lanewatch() {{
  local -a given=($words)
  local -a words
  case $given[2] in
{cases}
    *) words=({" ".join(OPTIONS[""])}); (( CURRENT == 2 )) && words+=({" ".join(_commands())}) ;;
  esac
  compadd -- $words
  _files
}}
compdef _lanewatch lanewatch
"""


def _fish() -> str:
    lines = ["# lanewatch completion for fish: lanewatch completion fish | source"]
    for name, words in OPTIONS.items():
        if name:
            lines.append(f"complete -c lanewatch -n __fish_use_subcommand -a {name}")
        when = f'-n "__fish_seen_subcommand_from {name}"' if name else "-n __fish_use_subcommand"
        for option in words:
            lines.append(
                f"complete -c lanewatch {when} -l {option[2:]}"
                if option.startswith("--")
                else f"complete -c lanewatch {when} -a {option}"
            )
    return "\n".join(lines) + "\n"
