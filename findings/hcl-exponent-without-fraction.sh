#!/usr/bin/env bash
# @tree-sitter-grammars/tree-sitter-hcl 1.2.0 with web-tree-sitter 0.27.1 (npm); hcldec of github.com/hashicorp/hcl/v2 2.24.0 (Go).
# Expected: the grammar accepts every number that HCL accepts.
# Seen: a number with an exponent is an error to the grammar unless it has a fraction, too: 1.0e5 is a number, 1e5 is not.
#   HCL itself reads both as 100000.
# Why it matters: a tool that refuses HCL by this grammar refuses valid Packer and Terraform files.
# Needs: Node 20, npm and Go 1.23.
set -euo pipefail
command -v go >/dev/null || {
  echo 'Go is missing: install it and run this again' >&2
  exit 3
}
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --save-exact --ignore-scripts web-tree-sitter@0.27.1 @tree-sitter-grammars/tree-sitter-hcl@1.2.0 >/dev/null 2>&1
GOBIN=$folder GOPATH=$folder/go go install github.com/hashicorp/hcl/v2/cmd/hcldec@v2.24.0 >/dev/null 2>&1
printf 'attr {\n  name = "a"\n  type = number\n}\n' >number.hcldec
cat >grammar.mjs <<'JS'
import { Language, Parser } from 'web-tree-sitter';
await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load('node_modules/@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-hcl.wasm'));
console.log(parser.parse(`a = ${process.argv[2]}\n`).rootNode.hasError ? 'error' : 'number');
JS
for number in 1.0e5 1e5 1E5 1e+5; do
  printf 'a = %s\n' "$number" >value.hcl
  echo "$number: hcl $(./hcldec --spec number.hcldec value.hcl), grammar $(node grammar.mjs "$number")"
done >seen
cat >expected <<'TEXT'
1.0e5: hcl 100000, grammar number
1e5: hcl 100000, grammar error
1E5: hcl 100000, grammar error
1e+5: hcl 100000, grammar error
TEXT
diff expected seen && echo 'as described'
