#!/usr/bin/env bash
# tar-stream 3.2.2 (npm) on archives that GNU tar 1.34 (Debian 12) writes with --sparse.
# Expected: the name and the content of the file that went in, or an error that sparse entries are not supported.
# Seen: format pax: another name, and the map of the holes in front of the data, as a regular file. Format gnu: the data without
#   its holes, and no type. No error in either. Python's tarfile reads both right.
# Why it matters: disk images are sparse. An appliance that somebody packed in this way is read as a few kilobytes of another file.
# Needs: Node 20, npm, Python 3.11 and GNU tar.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --save-exact tar-stream@3.2.2 >/dev/null 2>&1
truncate --size 1M disk.img
printf 'data' | dd of=disk.img bs=1 seek=524288 conv=notrunc status=none
for format in pax gnu; do tar --create --sparse --format "$format" --file "$format.tar" disk.img; done
cat >list.mjs <<'JS'
import { createReadStream } from 'node:fs';
import { extract } from 'tar-stream';
for (const format of ['pax', 'gnu']) {
  for await (const entry of createReadStream(`${format}.tar`).pipe(extract())) {
    let size = 0;
    for await (const chunk of entry) size += chunk.length;
    const name = entry.header.name.replace(/\d+/, 'PID').replace(/^\.\//, '');
    console.log(`tar-stream, ${format}: ${name}, ${entry.header.type}, ${size} bytes`);
  }
}
JS
cat >list.py <<'PYTHON'
import tarfile

for format in ["pax", "gnu"]:
    with tarfile.open(f"{format}.tar") as archive:
        for entry in archive:
            print(f"tarfile, {format}: {entry.name}, {len(archive.extractfile(entry).read())} bytes")
PYTHON
{ node list.mjs && python3 list.py; } >seen
cat >expected <<'TEXT'
tar-stream, pax: GNUSparseFile.PID/disk.img, file, 4608 bytes
tar-stream, gnu: disk.img, null, 4096 bytes
tarfile, pax: disk.img, 1048576 bytes
tarfile, gnu: disk.img, 1048576 bytes
TEXT
diff expected seen && echo 'as described'
