#!/usr/bin/env bash
# What the GitHub action runs: check a deal, compare it with a base revision, annotate, write the job's summary.
# Reads DEAL, BASE (may be empty), DENY, FAIL_LEVEL; GITHUB_STEP_SUMMARY is written to where it is set.
# Ends with the worse of the two exit codes: 2 before 1 before 3 before 0.
set -u
habendum=${HABENDUM:-habendum}
summary=${GITHUB_STEP_SUMMARY:-/dev/null}

worse() { for code in 2 1 3; do if [ "$1" = "$code" ] || [ "$2" = "$code" ]; then echo "$code"; return; fi; done; echo 0; }

report=$(mktemp) errors=$(mktemp)
trap 'rm -f "$report" "$errors"' EXIT
NO_COLOR=1 "$habendum" check "$DEAL" --output github --output "concise=$report" --fail-level "${FAIL_LEVEL:-warning}" 2> "$errors"
checked=$?
cat "$errors" >&2
{
    echo "### Contract check"
    echo
    echo '```'
    cat "$report" "$errors"
    echo '```'
} >> "$summary"

compared=0
if [ -n "${BASE:-}" ]; then
    deny=()
    [ -z "${DENY:-}" ] || deny=(--deny "$DENY")
    "$habendum" diff "git:$BASE:$DEAL" "$DEAL" ${deny[@]+"${deny[@]}"} --output github --output "markdown=$report"
    compared=$?
    cat "$report" >> "$summary"
fi
exit "$(worse "$checked" "$compared")"
