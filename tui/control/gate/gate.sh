#!/bin/sh
# lanewatch's gate: may this lane go on? Asked at every tool call of every lane, so the common answer costs two tests.
#   gate.sh AGENT        a hook that answers at once, or holds while the lane is paused
#   gate.sh AGENT start  a hook at a session's start: it registers the session
#   gate.sh AGENT wait   a hook of an idle session that ends when a redirect comes
#   gate.sh AGENT ask    a hook beside a dialog of the client: it waits for the operator's answer to it
# Nothing here can stop an agent's work by failing: whatever is missing or broken, the lane goes on.
gate=${0%/*}
state=$gate/..
python=@PYTHON@

# The session that asks and how it was started, where the agent says so in the environment.
session= entrypoint=
case $1 in
@SESSIONS@
esac
# Only what is a plain id may become a file's name.
key=
case $session in
  *[!0-9A-Za-z-]*) ;;
  ?*) key=$1-$session ;;
esac

if [ "$2" = wait ]; then
  # A client without a person would wait for this hook before it begins: only a session with a terminal has one.
  [ -n "$key" ] && [ "$entrypoint" = cli ] && [ -d "$state/wake" ] || exit 0
  door=$state/wake/$key
  if [ -e "$door.pid" ] && read -r other < "$door.pid" && kill -0 "$other" 2>/dev/null; then exit 0; fi
  umask 077
  [ -p "$door" ] || mkfifo "$door" 2>/dev/null || exit 0
  echo $$ > "$door.pid" || exit 0
  read -r knock < "$door" || exit 0
  rm -f "$door.pid"
  [ -x "$python" ] && exec "$python" -I -S "$gate/gate.py" "$1" woke
  exit 0
fi

if [ "$2" = ask ]; then
  # A client without a person shows no dialog and would stand still: only a session with a terminal is answered.
  [ -n "$key" ] && [ "$entrypoint" = cli ] && [ -d "$state/pending" ] || exit 0
  [ -x "$python" ] && exec "$python" -I -S -B "$gate/ask.py" "$1"
  exit 0
fi

if [ "$2" = start ]; then
  :
elif [ -n "$key" ]; then
  [ -e "$state/sessions/$key" ] && [ ! -e "$state/requests/$key" ] && exit 0
else
  # The session is named in the input only: is anything asked of any session of this agent?
  for asked in "$state/requests/$1"-*; do [ -e "$asked" ] && break; done
  [ -e "$asked" ] || [ ! -d "$state/requests" ] || exit 0
fi
[ -d "$state/requests" ] || { echo "lanewatch: $state/requests is gone, nothing is gated" >&2; exit 0; }
[ -x "$python" ] || { echo "lanewatch: $python is gone: run \`lanewatch install $1\` again" >&2; exit 0; }
exec "$python" -I -S "$gate/gate.py" "$1"
