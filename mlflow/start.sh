#!/usr/bin/env bash
# Starts MLflow's server over PostgreSQL and S3, with users. Called by compose.yaml and by serve.sh; all it knows it reads from the environment:
#   BELTLINE_MLFLOW_ARTIFACTS  s3://BUCKET/FOLDER        BELTLINE_MLFLOW_HOSTS    names that users type, with their ports
#   BELTLINE_POSTGRES_HOST     a host, or a socket's folder   BELTLINE_MLFLOW_WORKERS  default 4
#   BELTLINE_MLFLOW_USERS      no lets everybody in who reaches the port; default yes
#   BELTLINE_SECRETS           a folder with postgres, admin, flask: one secret a file; default /run/secrets
# No secret is an argument of a process, so `ps` shows none.
set -euo pipefail
secrets=${BELTLINE_SECRETS:-/run/secrets}
config=$(mktemp -d)
umask 077
driver=${BELTLINE_POSTGRES_DRIVER:-postgresql+psycopg2}
read -r password < "$secrets/postgres"
case $BELTLINE_POSTGRES_HOST in
  /*) at="$driver://mlflow@/%s?host=$BELTLINE_POSTGRES_HOST" ;;  # a socket: who may open its folder
  *) at="$driver://mlflow:$password@$BELTLINE_POSTGRES_HOST:5432/%s" ;;
esac
# shellcheck disable=SC2059
printf -v tracking "$at" mlflow
# shellcheck disable=SC2059
printf -v auth "$at" mlflow_auth
cat > "$config/auth.ini" <<INI
[mlflow]
default_permission = EDIT
database_uri = ${auth//%/%%}
admin_username = admin
authorization_function = mlflow.server.auth:authenticate_request_basic_auth
grant_default_workspace_access = false
auth_cache_ttl_seconds = 60
INI
read -r MLFLOW_AUTH_ADMIN_PASSWORD < "$secrets/admin"
read -r MLFLOW_FLASK_SERVER_SECRET_KEY < "$secrets/flask"
export MLFLOW_AUTH_ADMIN_PASSWORD MLFLOW_FLASK_SERVER_SECRET_KEY
export MLFLOW_AUTH_CONFIG_PATH="$config/auth.ini" MLFLOW_BACKEND_STORE_URI="$tracking"
export MLFLOW_SERVER_ENABLE_JOB_EXECUTION=${MLFLOW_SERVER_ENABLE_JOB_EXECUTION:-false}  # scorers of MLflow's own: not used here
# Each worker has a pool of its own: 4 x 10 stay below PostgreSQL's 100.
export MLFLOW_SQLALCHEMYSTORE_POOL_SIZE=5 MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW=5
users=(--app-name basic-auth)
[ "${BELTLINE_MLFLOW_USERS:-yes}" = yes ] || users=()
exec mlflow server "${users[@]}" --artifacts-destination "$BELTLINE_MLFLOW_ARTIFACTS" \
  --host "${BELTLINE_MLFLOW_BIND:-0.0.0.0}" --port "${BELTLINE_MLFLOW_PORT:-5000}" \
  --allowed-hosts "$BELTLINE_MLFLOW_HOSTS" --workers "${BELTLINE_MLFLOW_WORKERS:-4}"
