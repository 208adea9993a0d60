#!/usr/bin/env bash
# Enhanced health: which process the application is, and where the proxy counts requests.
set -euo pipefail
# shellcheck source=/dev/null
. /usr/lib/buildimg/platform/platform.sh

[ -d /etc/healthd ] || exit 0
"$EB_BIN/healthd-track-pidfile" --proxy nginx
"$EB_BIN/healthd-track-pidfile" --name application --location /run/webapp/webapp.pid
"$EB_BIN/healthd-configure" --appstat-log-path /var/log/nginx/healthd/application.log \
  --appstat-unit sec --appstat-timestamp-on completion
"$EB_BIN/healthd-restart"
