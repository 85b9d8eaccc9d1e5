#!/bin/sh
# Copies translations into the languages that a file names, one per line; a * is any of them.
# usage: translations.sh FROM FILE TO
set -eu
mkdir -p "$3"
cd "$1"
while read -r name || [ -n "$name" ]; do
    find . -type d -path "*/locale/$name" -prune -exec cp -a --parents -t "$3" {} +
done <"$2"
# Files kept their times; folders get the one that settle.py gives them.
find "$3" -mindepth 1 -type d -exec touch -d @315532800 {} +
