#!/usr/bin/env bash
# Step of the image node: seal
set -euo pipefail

export BUILDIMG_MACHINE_ID='empty'
export BUILDIMG_ZERO_FILL='false'
exec bash "$BUILDER_DIR"/'provisioners/seal/apply.sh'
