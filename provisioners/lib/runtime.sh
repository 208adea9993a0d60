#!/usr/bin/env bash
# What provisioners leave in the image to run at boot: scripts in /usr/lib/buildimg and units of their own. Needs
# common.sh.

# SELinux lets the service manager run what lies in a folder called bin.
RUNTIME_FOLDER=/usr/lib/buildimg
UNIT_FOLDER=/etc/systemd/system

# install_runtime_script SOURCE NAME
install_runtime_script() {
  write_file "$RUNTIME_FOLDER/bin/$2" 0755 root:root <"$1"
}

# enable_unit UNIT: links of an earlier run that asked for other services are removed first. Not started here.
enable_unit() {
  rm -f "$UNIT_FOLDER"/*.wants/"$1" "$UNIT_FOLDER"/*.requires/"$1"
  systemctl --quiet enable "$1"
}

# is_unit_linked UNIT wants|requires TARGET
is_unit_linked() {
  [ -L "$UNIT_FOLDER/$3.$2/$1" ] && [ -e "$UNIT_FOLDER/$3.$2/$1" ]
}

# has_unit UNIT: a file of that name, or of its template, is installed; systemctl is asked about nothing, so this works in
# a chroot.
has_unit() {
  local folder template=$1
  case $1 in *@*.*) template=${1%%@*}@.${1##*.} ;; esac
  for folder in "$UNIT_FOLDER" /usr/local/lib/systemd/system /usr/lib/systemd/system /lib/systemd/system; do
    if [ -e "$folder/$1" ] || [ -e "$folder/$template" ]; then return 0; fi
  done
  [ -e "/etc/init.d/${1%.service}" ]
}

# check_runtime_file CONTROL PATH MODE: there, root's, and not writable by anybody else.
check_runtime_file() {
  local found
  found=$(stat -c '%a %u:%g' -- "$2" 2>/dev/null || true)
  [ "$found" = "$3 0:0" ] || miss "$1" "$2 is \"${found:-missing}\", not \"$3 0:0\""
}
