#!/usr/bin/env bash
# yaml 2.9.1 (npm, YAML 1.2) and PyYAML 6.0.4 (PyPI, YAML 1.1), which cloud-init and the EB CLI read with.
# Expected: a string that one library writes is a string to the other.
# Seen: `stringify` writes strings without quotes that PyYAML reads as booleans, numbers and dates, and two that it refuses. With
#   { compat: 'yaml-1.1' } it quotes them, except the single equals sign.
# Why it matters: a password of `no`, a time of `12:30:00` or a version of `1_000` arrives in the guest as another value.
# Needs: Node 20, npm and Python 3.11 with venv.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --save-exact yaml@2.9.1 >/dev/null 2>&1
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check PyYAML==6.0.4
cat >write.mjs <<'JS'
import { stringify } from 'yaml';
const options = process.argv[2] === 'compat' ? { compat: 'yaml-1.1' } : {};
for (const text of ['no', 'on', '12:30:00', '1_000', '0b11', '2001-01-01', '<<', '=', 'plain']) process.stdout.write(stringify({ a: text }, options));
JS
cat >read.py <<'PYTHON'
import sys

import yaml

for line in sys.stdin:
    try:
        value = repr(yaml.safe_load(line)["a"])
    except yaml.YAMLError as error:
        value = type(error).__name__
    print(f"{line.strip()} -> {value}")
PYTHON
{ node write.mjs | python/bin/python read.py && echo 'with compat:' && node write.mjs compat | python/bin/python read.py; } >seen
cat >expected <<'TEXT'
a: no -> False
a: on -> True
a: 12:30:00 -> 45000
a: 1_000 -> 1000
a: 0b11 -> 3
a: 2001-01-01 -> datetime.date(2001, 1, 1)
a: << -> ConstructorError
a: = -> ConstructorError
a: plain -> 'plain'
with compat:
a: "no" -> 'no'
a: "on" -> 'on'
a: "12:30:00" -> '12:30:00'
a: "1_000" -> '1_000'
a: "0b11" -> '0b11'
a: "2001-01-01" -> '2001-01-01'
a: "<<" -> '<<'
a: = -> ConstructorError
a: plain -> 'plain'
TEXT
diff expected seen && echo 'as described'
