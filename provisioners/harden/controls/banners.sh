#!/usr/bin/env bash
# BAN-001. Needs common.sh; checks need checks.sh.

DEFAULT_BANNER='Authorized users only. Activity may be recorded.'

write_banners() {
  local file
  for file in /etc/issue /etc/issue.net; do
    option BANNER "$DEFAULT_BANNER" | { cat && printf '\n'; } | write_file "$file" 0644 root:root
  done
}

check_banners() {
  local file wanted
  wanted=$(option BANNER "$DEFAULT_BANNER")
  for file in /etc/issue /etc/issue.net; do
    if [ ! -f "$file" ] || [ "$(cat "$file")" != "$wanted" ]; then miss "$1" "$file is not the banner"; fi
  done
}
