"""What `lanewatch --help` prints."""

from __future__ import annotations

HELP = """\
lanewatch: live burn, state and needs of every AI agent lane, from the agents' own transcripts.

Usage: lanewatch [PATH...] [OPTIONS]
       lanewatch COMMAND [ARGS...]

Without a path it watches every agent home that it finds: $CLAUDE_CONFIG_DIR or ~/.claude and
~/.config/claude, $CODEX_HOME or ~/.codex. New homes, sessions and subagents appear by themselves.

Commands:
  lanewatch [PATH...]   The live screen (this is the default)
  demo                  The live screen over sample logs, written as if they happened now
  replay [PATH...]      The same screen on recorded time           [--speed --at --from --to]
  what-if [PATH...]     Where a policy would have acted, and what was spent after it [--policy]
  lanes [PATH...]       One picture of all lanes, like ps          [--json]
  findings [PATH...]    What an operator should know, with evidence [--json]
  explain LANE          Why this state, where each number comes from
  report [PATH...]      The postmortem: what happened, what would have stopped it  [--format]
  events PATH...        What the readers made of transcripts       [--json]
  export [PATH...]      Transcripts, redacted, in one file that every command reads   [-o FILE]
  pause LANE...         Hold lanes before their next tool or model call, losing nothing
  resume LANE...        Let them go on
  redirect LANE...      Give a text that the model reads next      [--text --file --now]
  close LANE...         Ask for the closing output, then end the lane   [--template]
  audit                 Who asked what of which lane, and what came of it [--json --verify]
  install AGENT         Put the gate into the settings of claude or codex [--dry-run]
  uninstall AGENT       Take it out again, byte for byte           [--dry-run]
  doctor [PATH...]      What was found, what was skipped, and why
  config                Check the configuration, or print it       [--defaults]
  completion SHELL      Completion for bash, zsh or fish

Options:
  --since TIME          Read transcripts changed within TIME: 90m, 24h, 7d, all
                        [default: 24h for agent homes, all for paths]
  --theme NAME          One of the themes; `lanewatch config --themes` lists them
  --config FILE         Another configuration file
  --no-mouse            Leave the mouse to the terminal (text selection); M switches it later
  --ascii               Glyphs of plain ASCII only
  --poll                Do not rely on change notices (network mounts)
  --read-only           Look only: no verb can be given
  -V, --version         Print the version
  -h, --help            Print this help; `lanewatch COMMAND --help` for a command

Keys: j k move, enter detail, / filter, s sort, f findings, n next finding, o tmux pane, ? all keys.
Exit codes: 0 done, 1 refused, lapsed, taken back or failed (a line says why), 2 wrong usage,
            3 findings (of `lanewatch findings`), 4 a verb was not seen to take effect in time,
            5 a closed lane has ended, but wrote no closing output.
Environment: NO_COLOR, CLAUDE_CONFIG_DIR, CODEX_HOME, XDG_CONFIG_HOME, XDG_STATE_HOME.
"""
