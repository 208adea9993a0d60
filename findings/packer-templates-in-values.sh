#!/usr/bin/env bash
# Packer 1.6.6 (Debian 12, 1.6.6+ds2-1+b1), legacy JSON template, environment_vars of shell-local.
# Expected: a template in a value is rendered once. `{{ \`{{ upper \` }}` is the usual way to write two literal braces.
# Seen: the result is rendered again. The braces that the first pass wrote are a template to the second.
# Why it matters: a value that holds two braces, for example a Jinja or Docker template, cannot be passed in this way at all.
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
  "provisioners": [{ "type": "shell-local", "environment_vars": ["VALUE={{ `{{ upper ` }}`x` }}"], "inline": ["echo \"VALUE is $VALUE\""] }]
}
JSON
./usr/bin/packer build -color=false template.json | grep '^    null: ' >seen
cat >expected <<'TEXT'
    null: VALUE is X
TEXT
diff expected seen && echo 'as described'
