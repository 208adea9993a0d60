#!/usr/bin/env bash
# Step of the image node: harden
set -euo pipefail

export BUILDIMG_PROFILE='baseline'
exec bash "$BUILDER_DIR"/'provisioners/harden/apply.sh'
