#!/usr/bin/env bash
# Sourced by every hook of the platform, which uses what stands here. A hook fails by `die`: Elastic Beanstalk shows what it wrote to stderr.
# shellcheck disable=SC2034

# shellcheck source=/dev/null
. /etc/buildimg-platform/platform.config

EB_BIN=/opt/elasticbeanstalk/bin
SERVICE=webapp.service
ENVIRONMENT_FILE=/etc/buildimg-platform/app.env
COMMAND_FILE=/etc/buildimg-platform/command
OPTION_NAMESPACE=aws:elasticbeanstalk:container:custom:application

log() {
  printf '%s: %s\n' "$PLATFORM_NAME" "$*"
}

die() {
  printf '%s: %s\n' "$PLATFORM_NAME" "$*" >&2
  exit 1
}

# find_option NAME: what the environment sets, or nothing. get-config answers "null" or fails for an option without value.
find_option() {
  local value
  value=$("$EB_BIN/get-config" optionsettings -n "$OPTION_NAMESPACE" -o "$1" 2>/dev/null) || return 0
  [ "$value" = null ] || printf '%s' "$value"
}

# write_private PATH MODE: stdin becomes the file, whole or not at all.
write_private() {
  local new
  new=$(mktemp "$1.XXXXXX")
  cat >"$new"
  chmod "$2" "$new"
  mv -f "$new" "$1"
}
