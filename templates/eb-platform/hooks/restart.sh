#!/usr/bin/env bash
set -euo pipefail
# shellcheck source=/dev/null
. /usr/lib/buildimg/platform/platform.sh

systemctl restart "$SERVICE" || die "the application could not be started; see $APP_LOG_DIR/webapp.log"
