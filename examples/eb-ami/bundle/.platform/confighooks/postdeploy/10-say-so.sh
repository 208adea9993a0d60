#!/usr/bin/env bash
# After every change of the configuration.
set -euo pipefail

logger -t deployment "configuration changed on $(hostname)"
