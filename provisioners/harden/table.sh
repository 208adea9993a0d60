#!/usr/bin/env bash
# The controls of controls.txt that are in force: those of the profile and the distribution, without those that the
# config skips. Needs common.sh and distro.sh.

# Ids in the order of the table, and their columns by id.
ACTIVE_CONTROLS=()
SKIPPED_IDS=''
declare -A CONTROL_APPLY CONTROL_VERIFY CONTROL_TITLE SKIP_REASON

# load_controls FILE: reads the options `profile` and `skip`.
load_controls() {
  local table=$1 profile letter family
  profile=$(option_enum PROFILE baseline baseline shared marketplace cis-l1)
  case $profile in
    baseline) letter=B ;;
    shared) letter=S ;;
    marketplace) letter=M ;;
    cis-l1) letter=C ;;
  esac
  family=$(distro_family)
  [ "$family" = debian ] || family=redhat
  load_skips
  select_controls "$table" "$letter" "$family"
  assert_skips_known
  if [ "$profile" = cis-l1 ]; then log "cis-l1 is CIS-inspired, not a CIS benchmark result"; fi
}

# CONTROL=REASON lines.
load_skips() {
  local id reason
  while IFS='=' read -r id reason; do
    [ -n "$id" ] || continue
    [ -n "$reason" ] || die "skip: $id has no reason"
    SKIP_REASON[$id]=$reason
    SKIPPED_IDS="$SKIPPED_IDS $id"
  done <<<"$(option SKIP '')"
}

select_controls() {
  local id profiles families apply verify title
  while IFS='|' read -r id _ profiles families apply verify _ title; do
    case $id in '' | '#'*) continue ;; esac
    # Also for those of other profiles, so that a skip can name any control.
    CONTROL_TITLE[$id]=$title
    CONTROL_APPLY[$id]=$apply
    CONTROL_VERIFY[$id]=$verify
    case "$profiles" in *"$2"*) ;; *) continue ;; esac
    case $families in all | "$3") ;; *) continue ;; esac
    if [ -n "${SKIP_REASON[$id]:-}" ]; then
      log "skipped $id ($title): ${SKIP_REASON[$id]}"
      continue
    fi
    ACTIVE_CONTROLS+=("$id")
  done <"$1"
}

assert_skips_known() {
  local id
  for id in $SKIPPED_IDS; do
    [ -n "${CONTROL_TITLE[$id]:-}" ] || die "skip: there is no control $id"
  done
}

# apply_controls: each `apply` gets the id of its control, so that one function can serve several.
apply_controls() {
  local id
  for id in "${ACTIVE_CONTROLS[@]}"; do
    if [ "${CONTROL_APPLY[$id]}" != - ]; then "${CONTROL_APPLY[$id]}" "$id"; fi
  done
}

check_controls() {
  local id
  for id in "${ACTIVE_CONTROLS[@]}"; do
    "${CONTROL_VERIFY[$id]}" "$id"
  done
}
