#!/usr/bin/env bash
# Tells who logs in what the machine was made by.
set -euo pipefail

printf 'This machine was built by buildimg.\n' >/etc/motd
