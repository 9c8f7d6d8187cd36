#!/bin/sh
# The PostgreSQL image runs this on an empty data directory. It creates Keycloak's own role and database.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$KEYCLOAK_DATABASE_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
create role keycloak login password :'password';
create database keycloak owner keycloak;
SQL
