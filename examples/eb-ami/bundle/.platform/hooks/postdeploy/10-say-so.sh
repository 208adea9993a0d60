#!/usr/bin/env bash
# After every deployment of the application.
set -euo pipefail

logger -t deployment "application deployed on $(hostname)"
