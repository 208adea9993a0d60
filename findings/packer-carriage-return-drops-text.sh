#!/usr/bin/env bash
# Packer 1.6.6 (Debian 12, 1.6.6+ds2-1+b1), provisioner shell-local; the same code handles the output of `shell`.
# Expected: everything that a script prints is in Packer's output.
# Seen: when a line has a carriage return in it, as progress bars print, the text before it is dropped, together with a line
#   before it that did not end.
# Why it matters: the error that a program printed before its progress bar began is in no log of the build.
# Needs: Debian 12 with its package lists.
set -euo pipefail
command -v apt-get >/dev/null || {
  echo "This needs Debian 12 (apt-get)" >&2
  exit 3
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 777 .
apt-get download packer=1.6.6+ds2-1+b1 >/dev/null 2>&1 || {
  echo "apt-get cannot download packer 1.6.6+ds2-1+b1: run apt-get update, on Debian 12" >&2
  exit 3
}
dpkg -x packer_*.deb .
export HOME=$folder CHECKPOINT_DISABLE=1
cat >template.json <<'JSON'
{
  "builders": [{ "type": "null", "communicator": "none" }],
  "provisioners": [{ "type": "shell-local", "inline": ["printf 'first\\rsecond\\n'", "printf 'no end, '", "printf 'third\\rfourth\\n'"] }]
}
JSON
./usr/bin/packer build -color=false template.json | grep '^    null: ' >seen
cat >expected <<'TEXT'
    null: second
    null: fourth
TEXT
diff expected seen && echo 'as described'
