#!/usr/bin/env bash
# A new instance: the image was sealed, which emptied /var/log.
set -euo pipefail
# shellcheck source=/dev/null
. /usr/lib/buildimg/platform/platform.sh

install -d -m 0755 "$APP_DIR" /var/log/nginx /var/log/nginx/healthd
install -d -m 0750 -o "$APP_USER" -g "$APP_USER" "$APP_LOG_DIR"
