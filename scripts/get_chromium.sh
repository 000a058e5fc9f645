#!/usr/bin/env bash
# Get Chromium from Debian's packages for tests/browser, if this machine has no such browser and may.
# It says what it did and never fails: without a browser those tests are skipped with a warning.
set -uo pipefail

for name in chromium chromium-browser google-chrome google-chrome-stable; do
  if found=$(command -v "$name"); then
    echo "browser tests: $found is here"
    exit 0
  fi
done

without="the browser tests will be skipped"
if ! grep -qs '^ID=debian$' /etc/os-release || ! command -v apt-get >/dev/null; then
  echo "browser tests: no Chromium, and this is not Debian; $without"
  exit 0
fi
if [ "$(id -u)" -eq 0 ]; then
  as_root=()
elif sudo -n true 2>/dev/null; then
  as_root=(sudo -n)
else
  echo "browser tests: no Chromium, and no right to install it (apt-get install chromium); $without"
  exit 0
fi

get() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive timeout 300 apt-get -qq -o Acquire::Retries=1 "$@"
}
log=$(mktemp)
if { get update && get install --yes --no-install-recommends chromium fonts-dejavu-core; } >"$log" 2>&1; then
  echo "browser tests: installed $(command -v chromium)"
else
  echo "browser tests: Chromium could not be installed, $without; apt-get said:"
  tail -n 3 "$log"
fi
rm -f "$log"
exit 0
