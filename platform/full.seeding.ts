import type { ClientBase } from 'pg';
import { given, type PartialConfig } from './config/config.ts';
import { Keycloak } from './identity/keycloak.ts';
import type { DomainEvent } from './messaging/event-log/event-log.ts';
import { qualified } from './postgres/transactions.ts';
import { rolesOf } from './postgres/roles.ts';
import type { Seeding } from './seeding.ts';

/** The largest number of events that one statement inserts. */
const BATCH = 2_000;

/**
 * The database of the services, and the accounts of Keycloak. Events go into the outboxes: the relays publish them when
 * the product starts, and consumers skip them, since their positions are there already.
 */
export async function openFullSeeding(config: PartialConfig, services: readonly string[]): Promise<Seeding> {
  const url = given('DATABASE_URL', config.DATABASE_URL);
  const clientId = given('KEYCLOAK_CLIENT_ID', config.KEYCLOAK_CLIENT_ID);
  const clientSecret = given('KEYCLOAK_CLIENT_SECRET', config.KEYCLOAK_CLIENT_SECRET);
  const realmUrl = config.KEYCLOAK_INTERNAL_URL ?? config.KEYCLOAK_ISSUER;
  const migrationUrlOf = await rolesOf({
    url,
    services,
    passwords: config.DATABASE_PASSWORDS,
    onShared: () => undefined,
  });
  const keycloak = new Keycloak({ realmUrl, clientId, clientSecret });
  const drop = async (ids: readonly string[]): Promise<void> => {
    for (const id of ids) await keycloak.deleteIdentity(id);
  };
  return {
    databaseUrl: url,
    tables: services.map((service) => qualified(service, 'outbox')),
    migrationUrlOf,
    async createAccounts(_client, accounts) {
      const ids: string[] = [];
      try {
        for (const { username, email, password, roles } of accounts) {
          const created = await keycloak.createIdentity({ username, email, password });
          if ('refusals' in created)
            throw new Error(
              `Keycloak refused ${username}: ${created.refusals.map(({ field, code }) => `${field} ${code}`).join(', ')}`,
            );
          ids.push(created.userId);
          // Nobody reads mail at these addresses, and Keycloak lets only verified accounts sign in.
          await keycloak.markEmailVerified(created.userId, email);
          await keycloak.grantRoles(created.userId, roles);
        }
        return ids;
      } catch (error) {
        await drop(ids);
        throw error;
      }
    },
    dropAccounts: drop,
    async publish(client, events, _topics, _groups, ownerOf) {
      for (const [service, own] of Map.groupBy(events, ({ topic }) => ownerOf(topic)))
        for (let from = 0; from < own.length; from += BATCH)
          await intoOutbox(client, service, own.slice(from, from + BATCH));
    },
    close: () => keycloak.close(),
  };
}

async function intoOutbox(client: ClientBase, service: string, events: readonly DomainEvent[]): Promise<void> {
  await client.query(
    `INSERT INTO ${qualified(service, 'outbox')} (kind, topic, key, seq, event_id, type, version, occurred_at, request_id, payload)
     SELECT 'EVENT', r.topic, r.key, r.seq, r."eventId", r.type, r.version, r."occurredAt", NULL, r.payload
     FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (
       topic text, key text, seq int, "eventId" uuid, type text, version int, "occurredAt" timestamptz, payload jsonb
     )) WITH ORDINALITY AS r
     ORDER BY r.ordinality`,
    [JSON.stringify(events)],
  );
}
