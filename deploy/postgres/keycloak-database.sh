#!/bin/sh
# Run by the PostgreSQL image on an empty data directory: Keycloak's own role and database.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$KEYCLOAK_DATABASE_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
create role keycloak login password :'password';
create database keycloak owner keycloak;
SQL
