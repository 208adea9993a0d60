#!/usr/bin/env bash
# Started by webapp.service as the application's user, in its folder, with its environment. The file of the process id is
# what healthd watches.
set -euo pipefail

# shellcheck source=/dev/null
. /etc/buildimg-platform/platform.config

command=$(cat /etc/buildimg-platform/command)
echo "$$" >/run/webapp/webapp.pid
exec >>"$APP_LOG_DIR/webapp.log" 2>&1
exec bash -c "exec $command"
