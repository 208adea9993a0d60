#!/usr/bin/env bash
# A deployment is done when the application answers, through the proxy as its users will ask it.
set -euo pipefail
# shellcheck source=/dev/null
. /usr/lib/buildimg/platform/platform.sh

url=http://127.0.0.1$APP_HEALTH_PATH
deadline=$((SECONDS + APP_START_TIMEOUT))
until curl --silent --fail --output /dev/null --max-time 5 "$url"; do
  if [ "$SECONDS" -ge "$deadline" ]; then
    tail -n 20 "$APP_LOG_DIR/webapp.log" >&2 || :
    die "the application did not answer $APP_HEALTH_PATH within $APP_START_TIMEOUT s"
  fi
  sleep 1
done
log "the application answers $APP_HEALTH_PATH"
