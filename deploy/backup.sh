#!/bin/sh
# One backup into FOLDER, every byte of it looked at again; then all but the newest KEEP (30) are removed.
# Usage: backup.sh FOLDER [KEEP]. The key is not in a backup: keep a copy of monitor.key in another place.
# What would surprise: a backup has its name only once it was looked at. One that fails is removed, says so by the status,
# and nothing old goes; what a killed one has left (.unchecked) is removed after a day.
set -eu
umask 077
folder=${1:?"usage: backup.sh FOLDER [KEEP]"}
keep=${2:-30}
monitor=${MONITOR:-$(dirname "$0")/../.venv/bin/monitor}
case $keep in
'' | *[!0-9]* | 0*) echo "backup.sh: KEEP has to be a number from 1" >&2 && exit 2 ;;
esac
file="$folder/monitor-$(date -u +%Y%m%dT%H%M%S%NZ).backup"
within() (cd -- "$folder" && "$@") # `find` wants to come back to where it was, which root's home does not let others
within find . -maxdepth 1 -type f -name 'monitor-*.backup.unchecked' -mmin +1440 -exec rm -- {} +
trap 'rm -f -- "$file.unchecked"' EXIT
"$monitor" backup --check "$file.unchecked"
mv -- "$file.unchecked" "$file"
echo "looked at and kept: $file"
within find . -maxdepth 1 -type f -name 'monitor-*.backup' | sort -r | tail -n "+$((keep + 1))" |
    while IFS= read -r old; do rm -- "$folder/$old"; done
