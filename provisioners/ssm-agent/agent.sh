#!/usr/bin/env bash
# Where the agent is and what its unit is called: Ubuntu's own images bring it as a snap. Needs common.sh and runtime.sh.

PACKAGE_UNIT=amazon-ssm-agent.service
SNAP_UNIT=snap.amazon-ssm-agent.amazon-ssm-agent.service

# agent_unit: nothing where there is no agent.
agent_unit() {
  if has_unit "$PACKAGE_UNIT"; then
    printf '%s' "$PACKAGE_UNIT"
  elif has_unit "$SNAP_UNIT"; then
    printf '%s' "$SNAP_UNIT"
  fi
}
