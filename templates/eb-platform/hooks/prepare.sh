#!/usr/bin/env bash
# Prepares the unpacked bundle, as the application's user and with its environment.
set -euo pipefail
# shellcheck source=/dev/null
. /usr/lib/buildimg/platform/platform.sh

[ -n "$APP_PREPARE" ] || exit 0
log "preparing: $APP_PREPARE"
set -a
# shellcheck source=/dev/null
. "$ENVIRONMENT_FILE"
set +a
export HOME=$STAGING_DIR
cd "$STAGING_DIR"
runuser -u "$APP_USER" -- bash -c "$APP_PREPARE" || die "\"$APP_PREPARE\" failed"
