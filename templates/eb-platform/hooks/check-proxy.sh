#!/usr/bin/env bash
# Before the application is stopped: a proxy that will not come back is no reason to stop it.
set -euo pipefail
# shellcheck source=/dev/null
. /usr/lib/buildimg/platform/platform.sh

problem=$(nginx -t -q 2>&1) || die "nginx does not accept its configuration: $problem"
