#!/usr/bin/env bash
# What is asked for, as apply.sh makes it and verify.sh expects it. Needs common.sh.

is_system() {
  [ "$(option SYSTEM true)" = true ]
}

wanted_shell() {
  if is_system; then option SHELL /usr/sbin/nologin; else option SHELL /bin/bash; fi
}

# wanted_home NAME
wanted_home() {
  if is_system; then option HOME /nonexistent; else option HOME "/home/$1"; fi
}

sudo_file() {
  printf '/etc/sudoers.d/50-buildimg-%s' "$1"
}

# account_field NAME NUMBER: of the image's own passwd.
account_field() {
  awk -F: -v name="$1" -v number="$2" '$1 == name { print $number; exit }' /etc/passwd
}

has_group() {
  grep -q "^$1:" /etc/group
}
