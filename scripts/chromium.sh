#!/bin/sh
# Make sure that a Chromium or Chrome is there for the browser tests.
set -eu

for name in chromium chromium-browser google-chrome chrome; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser tests."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
    exit 0
fi

cat >&2 <<'MESSAGE'
The browser tests need Chromium, which isn't installed.
  Debian, Ubuntu: sudo apt-get install chromium
  elsewhere: install Chromium or Chrome and put its program on the PATH
  without it: .venv/bin/python -m pytest -m 'not browser'
MESSAGE
exit 1
