#!/usr/bin/env bash
# The action's one step (action.yml): what the inputs say becomes arguments, never shell text.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)

fail() {
  echo "::error title=countersign::$1"
  echo 'result=error' >>"$GITHUB_OUTPUT"
  exit 2
}
for value in "$COUNTERSIGN_DECISION_LOG" "$COUNTERSIGN_SARIF_FILE"; do
  case $value in *[$'\n\r']*) fail 'decision-log and sarif-file are paths in one line.' ;; esac
done

# The action is fetched at the revision that the workflow pins, and its version with it.
if [ -z "$COUNTERSIGN_PACKAGE" ]; then
  version=$(cd "$here" && node -p 'require("./package.json").version')
  export COUNTERSIGN_PACKAGE="countersign@$version"
fi

# Outside of the checkout: a change could bring a link under the name of a report.
reports=$(mktemp -d "${RUNNER_TEMP:-/tmp}/countersign-XXXXXX")
log=${COUNTERSIGN_DECISION_LOG:-$reports/decisions.jsonl}
sarif=${COUNTERSIGN_SARIF_FILE:-$reports/gate.sarif}

case $COUNTERSIGN_COMMAND in
  gate)
    args=(gate -C "$COUNTERSIGN_PATH" --format text --format github --format github-summary)
    args+=(--format "sarif=$sarif" --decision-log "$log")
    [ -z "$COUNTERSIGN_BASE" ] || args+=(--base "$COUNTERSIGN_BASE")
    [ -z "$COUNTERSIGN_HEAD" ] || args+=(--head "$COUNTERSIGN_HEAD")
    [ "$COUNTERSIGN_COMMENT" != true ] || args+=(--comment auto)
    [ "$COUNTERSIGN_EXPLAIN" != true ] || args+=(--explain)
    ;;
  exceptions)
    args=(exception due -C "$COUNTERSIGN_PATH")
    [ "$COUNTERSIGN_ISSUE" != true ] || args+=(--issue github)
    ;;
  *) fail 'command is gate or exceptions.' ;;
esac
while IFS= read -r argument; do
  [ -z "$argument" ] || args+=("$argument")
done <<<"$COUNTERSIGN_ARGUMENTS"

code=0
sh "$here/templates/countersign-gate.sh" "${args[@]}" || code=$?

case $code in
  0) result=allow ;;
  1) result=deny ;;
  2) result=error ;;
  *) result=undecided ;;
esac
{
  echo "result=$result"
  if [ -f "$log" ]; then echo "decision-log=$log"; fi
  if [ -f "$sarif" ]; then echo "sarif-file=$sarif"; fi
} >>"$GITHUB_OUTPUT"
exit "$code"
