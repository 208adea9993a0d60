#!/usr/bin/env bash
set -euo pipefail
# shellcheck source=/dev/null
. /usr/lib/buildimg/platform/platform.sh

problem=$(nginx -t -q 2>&1) || die "nginx does not accept its configuration: $problem"
systemctl reload-or-restart nginx.service || die "nginx could not be started"
