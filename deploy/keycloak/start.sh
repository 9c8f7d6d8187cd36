#!/bin/bash
# Starts Keycloak. Refuses to start if Keycloak's address is not of this machine and one of the passwords below is
# missing, too short or public, because it is in the source code. This check is here because the product checks only its
# own secrets (platform/config/secrets.ts), and of these passwords it has only KEYCLOAK_CLIENT_SECRET.
set -eu
case "$KC_HOSTNAME" in
  http://127.0.0.1 | http://127.0.0.1[:/]* | http://localhost | http://localhost[:/]*) ;;
  *)
    for name in KC_BOOTSTRAP_ADMIN_PASSWORD KC_DB_PASSWORD KEYCLOAK_CLIENT_SECRET; do
      case "${!name-}" in
        '' | admin | keycloak | prodvor | password | changeme | prodvor-backend-development-only)
          echo "$name must be one of your own: $KC_HOSTNAME is not of this machine" >&2
          exit 2
          ;;
      esac
      value=${!name}
      if [ ${#value} -lt 12 ]; then
        echo "$name must have at least 12 characters: $KC_HOSTNAME is not of this machine" >&2
        exit 2
      fi
    done
    ;;
esac
exec "${KC:-/opt/keycloak/bin/kc.sh}" "$@"
