#!/usr/bin/env bash
# CLD-009: the agent is there and starts at boot.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/common.sh
. "$here/../lib/common.sh"
# shellcheck source=../lib/checks.sh
. "$here/../lib/checks.sh"
# shellcheck source=../lib/runtime.sh
. "$here/../lib/runtime.sh"

# shellcheck source=agent.sh
. "$here/agent.sh"

main() {
  local unit link enabled=no
  unit=$(agent_unit)
  if [ -z "$unit" ]; then
    miss CLD-009 "the SSM agent is not installed"
  else
    for link in "$UNIT_FOLDER"/*.wants/"$unit"; do
      if [ -L "$link" ]; then enabled=yes; fi
    done
    [ "$enabled" = yes ] || miss CLD-009 "$unit is not enabled"
    if [ "$UNIT_FOLDER/$unit" -ef /dev/null ]; then miss CLD-009 "$unit is masked"; fi
  fi
  finish_checks ssm-agent
}

main
