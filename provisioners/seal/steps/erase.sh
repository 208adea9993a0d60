#!/usr/bin/env bash
# Ways to remove. Needs common.sh.

# shred_files FILE…: overwritten, then unlinked. Best effort: a file that was rewritten before has left old blocks
# behind, which only zeroFill reaches. A link is removed, what it points to stays.
shred_files() {
  local file
  for file in "$@"; do
    if [ -f "$file" ] && [ ! -L "$file" ]; then
      shred -fuz -n 1 -- "$file" || rm -f -- "$file"
      log "erased $file"
    elif [ -L "$file" ]; then
      rm -f -- "$file"
    fi
  done
}

# empty_folders FOLDER…: removes what is inside, on this file system only.
empty_folders() {
  local folder
  for folder in "$@"; do
    [ -d "$folder" ] || continue
    # Something may still come and go in there; what stays is for verify.sh to say.
    find "$folder/" -xdev -mindepth 1 -delete || warn "$folder could not be emptied at once"
  done
}

# truncate_files FILE…: owner and mode stay, since daemons cannot make their log files themselves.
truncate_files() {
  local file
  for file in "$@"; do
    if [ -f "$file" ] && [ -s "$file" ]; then truncate -s 0 -- "$file"; fi
  done
}
