#!/usr/bin/env bash
# packageurl-js 2.0.1 (npm) and packageurl-python 0.17.6 (PyPI).
# Expected: both write the same package URL for the same Debian package, since a purl is an identifier.
# Seen: packageurl-js leaves the plus sign of a version as it is and escapes the colon of a qualifier; packageurl-python escapes
#   the plus sign and leaves the colon.
# Why it matters: SBOMs of two tools that list the same package compare as different, unless a reader parses each URL first.
# Needs: Node 20, npm and Python 3.11 with venv.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --save-exact packageurl-js@2.0.1 >/dev/null 2>&1
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check packageurl-python==0.17.6
cat >purl.mjs <<'JS'
import { PackageURL } from 'packageurl-js';
console.log(new PackageURL('deb', 'debian', 'foo', '2.3-1+b1', { upstream: 'foo@1:2.3-1' }, undefined).toString());
JS
cat >purl.py <<'PYTHON'
from packageurl import PackageURL

print(PackageURL("deb", "debian", "foo", "2.3-1+b1", {"upstream": "foo@1:2.3-1"}).to_string())
PYTHON
{ node purl.mjs && python/bin/python purl.py; } >seen
cat >expected <<'TEXT'
pkg:deb/debian/foo@2.3-1+b1?upstream=foo%401%3A2.3-1
pkg:deb/debian/foo@2.3-1%2Bb1?upstream=foo%401:2.3-1
TEXT
diff expected seen && echo 'as described'
