#!/bin/sh
# Runs `countersign` in one pinned version on any build server that has git, Node 20 or newer and npm,
# without a container and without touching the checkout:
#
#     cd checkout && sh /trusted/countersign-gate.sh gate --base origin/main
#
# Keep this file where the change under judgement cannot write: beside the build server's own
# configuration, or in a repository of its own. Arguments are those of `countersign`; `gate` without any.
#
# COUNTERSIGN_PACKAGE    what npm installs: countersign@VERSION, or the path or address of a .tgz
# COUNTERSIGN_INTEGRITY  what `npm view countersign@VERSION dist.integrity` says (sha512-…): anything
#                        else is not run
#
# Exit codes are the command's: 0 allowed, 1 denied, 2 usage or configuration error, 3 could not decide.
set -eu
: "${COUNTERSIGN_PACKAGE:=countersign@0.1.0}"
: "${COUNTERSIGN_INTEGRITY:=}"

case $COUNTERSIGN_PACKAGE in
  *.tgz) pinned=yes ;;
  *[[:space:]\|\<\>]*) pinned=no ;;
  countersign@[0-9]*.[0-9]*.[0-9]*) pinned=yes ;;
  *) pinned=no ;;
esac
if [ "$pinned" = no ]; then
  echo "COUNTERSIGN_PACKAGE is no one version: write countersign@1.2.3, or the path or address of a .tgz." >&2
  exit 2
fi

# What the change brings (its node_modules, its .npmrc) has no say here: npm works in a folder of its own.
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
echo '{ "private": true }' >"$tools/package.json"
(cd "$tools" && npm install --ignore-scripts --no-audit --no-fund --loglevel=error "$COUNTERSIGN_PACKAGE") >&2 || {
  echo "Could not decide: $COUNTERSIGN_PACKAGE could not be installed." >&2
  exit 3
}
if [ -n "$COUNTERSIGN_INTEGRITY" ]; then
  found=$(cd "$tools" && node -p 'require("./package-lock.json").packages["node_modules/countersign"].integrity')
  if [ "$found" != "$COUNTERSIGN_INTEGRITY" ]; then
    echo "Could not decide: $COUNTERSIGN_PACKAGE is $found, not $COUNTERSIGN_INTEGRITY." >&2
    exit 3
  fi
fi

[ $# -gt 0 ] || set -- gate
code=0
"$tools/node_modules/.bin/countersign" "$@" || code=$?
exit "$code"
