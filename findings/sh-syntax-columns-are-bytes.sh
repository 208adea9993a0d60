#!/usr/bin/env bash
# sh-syntax 0.7.0 (npm), the parser of shfmt as WebAssembly.
# Expected: the column and the offset of an error index the JavaScript string that was parsed.
# Seen: both count bytes of UTF-8. In `echo 日本語; if` the word `if` is at index 10 of the string; the error says offset 16.
# Why it matters: an editor or a code frame that takes the number as it is marks a wrong place behind any letter beyond ASCII.
# Needs: Node 20 and npm.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --save-exact sh-syntax@0.7.0 >/dev/null 2>&1
cat >columns.mjs <<'JS'
import { parse } from 'sh-syntax';
for (const script of ['echo abc; if', 'echo 日本語; if']) {
  const { Pos } = await parse(script).catch((error) => error);
  console.log(`${script}: index ${script.lastIndexOf('if')}, offset ${Pos.Offset}, column ${Pos.Col}`);
}
JS
cat >expected <<'TEXT'
echo abc; if: index 10, offset 10, column 11
echo 日本語; if: index 10, offset 16, column 17
TEXT
node columns.mjs >seen
diff expected seen && echo 'as described'
