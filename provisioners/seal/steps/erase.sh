#!/usr/bin/env bash
# Ways to remove. Needs common.sh; shred_listed needs look.sh.

# shred_files FILE…: overwritten, then unlinked. Best effort: a file that was rewritten before has left old blocks
# behind, which only zeroFill reaches. A link is removed, what it points to stays.
shred_files() {
  local file files=() links=()
  for file in "$@"; do
    if [ -L "$file" ]; then
      links+=("$file")
    elif [ -f "$file" ]; then
      files+=("$file")
      log "erased $file"
    fi
  done
  if [ "${#links[@]}" -gt 0 ]; then rm -f -- "${links[@]}"; fi
  if [ "${#files[@]}" -gt 0 ]; then shred -fuz -n 1 -- "${files[@]}" || rm -f -- "${files[@]}"; fi
}

# shred_listed COMMAND…: like shred_files, for the paths that the command prints, a line each.
shred_listed() {
  local files
  must_see "$@"
  [ -n "$SEEN" ] || return 0
  mapfile -t files <<<"$SEEN"
  shred_files "${files[@]}"
}

# empty_folders FOLDER…: removes what is inside, on this file system only.
empty_folders() {
  local folder folders=()
  for folder in "$@"; do
    if [ -d "$folder" ]; then folders+=("$folder/"); fi
  done
  [ "${#folders[@]}" -gt 0 ] || return 0
  # Something may still come and go in there; what stays is for verify.sh to say.
  find "${folders[@]}" -xdev -mindepth 1 -delete || warn "could not be emptied at once: ${folders[*]}"
}

# truncate_files FILE…: owner and mode stay, since daemons cannot make their log files themselves. Without O_CREAT, since with
# fs.protected_regular not even root may open another's file so in a sticky folder that others can write to.
truncate_files() {
  local file
  for file in "$@"; do
    if [ -f "$file" ] && [ -s "$file" ]; then truncate -c -s 0 "$file"; fi
  done
}
