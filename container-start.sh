#!/bin/sh
# A mounted volume can belong to root (Fly.io, bind mounts): give it to the node user, then drop root.
set -e
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$DATA_DIR"
  chown node:node "$DATA_DIR"
  HOME=/home/node exec setpriv --reuid=node --regid=node --init-groups "$0"
fi
exec node --max-semi-space-size=2 start.js
