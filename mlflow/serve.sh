#!/usr/bin/env bash
# PostgreSQL and MLflow with users, from packages and without containers, for a small team or a trial: one command, one folder.
#   mlflow/serve.sh FOLDER               # FOLDER/postgres, FOLDER/secrets (made once), FOLDER/log; Ctrl-C stops both
#   BELTLINE_MLFLOW_ARTIFACTS=s3://scans/mlflow AWS_ENDPOINT_URL=http://127.0.0.1:9000 mlflow/serve.sh FOLDER
# Artifacts go to S3 (or, without BELTLINE_MLFLOW_ARTIFACTS, to FOLDER/artifacts). PostgreSQL listens on a socket in FOLDER alone, on no port.
# Its programs: PGBIN, or the PATH, or Debian's /usr/lib/postgresql/*/bin. It refuses to run as root: then it runs as PGUSER_OS (default postgres, or nobody).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1" && home=$(cd "$1" && pwd)
bin=${PGBIN:-$(dirname "$(command -v initdb || ls -d /usr/lib/postgresql/*/bin/initdb | tail -1)")}
socket=${BELTLINE_POSTGRES_SOCKET:-$home/socket}
mkdir -p "$home/secrets" "$home/log" "$socket"
chmod 700 "$home/secrets"
for name in postgres admin flask; do  # made once; the admin's is what you log in with
  [ -s "$home/secrets/$name" ] || (umask 077 && od -An -tx1 -N24 /dev/urandom | tr -d ' \n' > "$home/secrets/$name" && echo >> "$home/secrets/$name")
done
if [ "$(id -u)" = 0 ]; then
  owner=${PGUSER_OS:-$(id -nu postgres 2> /dev/null || echo nobody)}
  as() { runuser -u "$owner" -- "$@"; }
  mkdir -p "$home/postgres" && chown "$owner" "$home/postgres" "$socket" "$home/log"
else
  as() { "$@"; }
fi
if [ ! -s "$home/postgres/PG_VERSION" ]; then
  as "$bin/initdb" --pgdata "$home/postgres" --username mlflow --auth-local trust --auth-host reject --data-checksums --encoding UTF8 > "$home/log/initdb" 2>&1
fi
as "$bin/pg_ctl" --pgdata "$home/postgres" --log "$home/log/postgres" --wait --options "-c listen_addresses= -k $socket" start > /dev/null
down() {  # MLflow's own parent outlives its workers: the group is told to end, and ended if it does not
  if [ -n "${server:-}" ]; then
    kill -- "-$server" 2> /dev/null || true
    for _ in $(seq 50); do kill -0 -- "-$server" 2> /dev/null || break; sleep 0.1; done
    kill -KILL -- "-$server" 2> /dev/null || true
  fi
  as "$bin/pg_ctl" --pgdata "$home/postgres" --mode fast --wait stop > /dev/null
}
trap down EXIT
trap 'exit 0' INT TERM
for name in mlflow mlflow_auth; do
  as "$bin/createdb" --host "$socket" --username mlflow "$name" 2> /dev/null || true  # there already
done
export BELTLINE_SECRETS=$home/secrets BELTLINE_POSTGRES_HOST=$socket BELTLINE_POSTGRES_DRIVER=${BELTLINE_POSTGRES_DRIVER:-postgresql+psycopg}
export BELTLINE_MLFLOW_BIND=${BELTLINE_MLFLOW_BIND:-127.0.0.1} BELTLINE_MLFLOW_PORT=${BELTLINE_MLFLOW_PORT:-5000}
export BELTLINE_MLFLOW_ARTIFACTS=${BELTLINE_MLFLOW_ARTIFACTS:-$home/artifacts}
export BELTLINE_MLFLOW_HOSTS=${BELTLINE_MLFLOW_HOSTS:-127.0.0.1:$BELTLINE_MLFLOW_PORT,localhost:$BELTLINE_MLFLOW_PORT}
[ -z "${AWS_ENDPOINT_URL:-}" ] || export MLFLOW_S3_ENDPOINT_URL=${MLFLOW_S3_ENDPOINT_URL:-$AWS_ENDPOINT_URL}
echo "MLflow on http://$BELTLINE_MLFLOW_BIND:$BELTLINE_MLFLOW_PORT, user admin, password in $home/secrets/admin"
setsid bash "$here/start.sh" > "$home/log/mlflow" 2>&1 &
server=$!
wait "$server"
