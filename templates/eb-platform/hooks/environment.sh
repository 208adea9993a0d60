#!/usr/bin/env bash
# Writes what the application is started with: defaults of the platform first, what the environment sets after them. The
# file is read by systemd and by shells, so values stand in double quotes with " \ $ and ` escaped.
set -euo pipefail
# shellcheck source=/dev/null
. /usr/lib/buildimg/platform/platform.sh

properties=$("$EB_BIN/get-config" --output JSON environment) || die "get-config environment failed"

# shellcheck disable=SC2016 # jq's variables
lines='to_entries[] | select(.key | test("^[A-Za-z_][A-Za-z0-9_]*$"))
  | .key + "=\"" + (.value | tostring | gsub("(?<c>[\\\\\"$`])"; "\\" + .c)) + "\""'

environment=$(jq -r "$lines" <<<"$properties") || die "get-config environment gave no JSON object"
{
  cat /etc/buildimg-platform/default.env
  printf '%s\n' "$environment"
} | write_private "$ENVIRONMENT_FILE" 0600

command=$APP_COMMAND
if [ -n "$APP_COMMAND_OPTION" ]; then
  wish=$(find_option "$APP_COMMAND_OPTION")
  command=${wish:-$APP_COMMAND}
fi
printf '%s\n' "$command" | write_private "$COMMAND_FILE" 0644
