#!/usr/bin/env bash
# Step of the image node: who am I
set -euo pipefail

HOME=$(getent passwd 'admin' | cut -d: -f6)
export HOME
chmod +x "$BUILDER_DIR"/'scripts/04-inline.sh'
exec runuser -u 'admin' -- "$BUILDER_DIR"/'scripts/04-inline.sh'
