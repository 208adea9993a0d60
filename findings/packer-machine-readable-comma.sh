#!/usr/bin/env bash
# Packer 1.6.6 (Debian 12, 1.6.6+ds2-1+b1), `packer -machine-readable build`.
# Expected: an escape that a reader can undo: `%!(PACKER_COMMA)` stands for a comma.
# Seen: the escape itself is not escaped. A script that prints a comma and one that prints the text %!(PACKER_COMMA) give the same line.
# Why it matters: who undoes the escape changes what some scripts have printed; a reader cannot know which of the two it was.
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
  "provisioners": [{ "type": "shell-local", "inline": ["echo 'a,b'", "echo 'a%!(PACKER_COMMA)b'"] }]
}
JSON
./usr/bin/packer -machine-readable build template.json | grep ',message,' | cut -d, -f3- >seen
cat >expected <<'TEXT'
ui,message,    null: a%!(PACKER_COMMA)b
ui,message,    null: a%!(PACKER_COMMA)b
TEXT
diff expected seen && echo 'as described'
