#!/usr/bin/env bash
# Step of the image node: install.sh
set -euo pipefail

export QUOTE='it'\''s "$HOME" {{x}}'
chmod +x "$BUILDER_DIR"/'scripts/03-install.sh'
exec "$BUILDER_DIR"/'scripts/03-install.sh'
