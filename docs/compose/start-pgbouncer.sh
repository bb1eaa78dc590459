#!/bin/sh
# The service's password comes from the environment and is written where nothing outlives the
# container; auth_file in pgbouncer.ini names the place.
set -eu
umask 077
printf '"twinbase_service" "%s"\n' "$TWINBASE_SERVICE_PASSWORD" >/tmp/userlist.txt
exec pgbouncer "$1"
