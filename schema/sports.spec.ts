import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, it } from '@jest/globals';
import { buildASTSchema, isEnumType } from 'graphql';
import pg from 'pg';
import { migrate } from '../platform/postgres/migrate.ts';
import { documentOf, subgraphNames } from '../platform/subgraph/sdl.ts';
import { createTestDatabase } from '../test/database.ts';
import { profileOf, SPORTS, sportInput } from './sports.ts';

const ALL = Object.keys(SPORTS);
const PRISMA = join(import.meta.dirname, '../prisma');
const MIGRATION = '20261129041500_sport_as_text';

describe('a sport', () => {
  it('is in the schema of every subgraph with sports, with its description', () => {
    const enums = subgraphNames()
      .map((name) => buildASTSchema(documentOf(name), { assumeValid: true, assumeValidSDL: true }).getType('Sport'))
      .filter((type) => isEnumType(type));
    assert.ok(enums.length > 2);
    for (const type of enums)
      assert.deepEqual(
        type.getValues().map(({ name, description }) => [name, description]),
        Object.entries(SPORTS).map(([name, { description }]) => [name, description]),
      );
  });

  it('is accepted by its name only, and has no rules here if only a newer version knows it', () => {
    for (const sport of ALL) assert.equal(sportInput.parse(sport), sport);
    for (const other of ['football', 'QUIDDITCH', 'toString', '', null, 1])
      assert.equal(sportInput.safeParse(other).success, false);
    for (const other of ['QUIDDITCH', 'toString']) assert.throws(() => profileOf(other), /does not know the sport/);
  });

  it('has rules for a playable match', () => {
    for (const [sport, { periods, minutes, stoppage, extra, goals, sets }] of Object.entries(SPORTS)) {
      const points = Object.values(goals).flat();
      assert.ok(
        points.length > 0 && goals.GOAL.length > 0 && points.every((count) => Number.isInteger(count) && count > 0),
        sport,
      );
      for (const some of Object.values(goals))
        assert.deepEqual(
          some,
          [...some].sort((a, b) => a - b),
          `${sport}: the least first`,
        );
      assert.ok(
        Number.isInteger(periods) &&
          periods > 0 &&
          (minutes === null ? stoppage === 0 && extra.periods === 0 : minutes > 0),
        sport,
      );
      assert.ok((extra.periods === 0) === (extra.minutes === 0), sport);
      assert.ok(sets === null || periods % 2 === 1, `${sport}: somebody wins most of the sets`);
    }
  });

  it('is text in the tables: enum values are kept, and the previous version can still write and read', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'prisma-'));
    const database = await createTestDatabase();
    const client = new pg.Client({ connectionString: database.url });
    try {
      const services = ['users', 'teams', 'matches'];
      const isEarlier = (source: string): boolean =>
        basename(dirname(source)) !== 'migrations' || !/^\d/.test(basename(source)) || basename(source) < MIGRATION;
      await cp(PRISMA, directory, {
        recursive: true,
        filter: (source) => !source.endsWith('.prisma') && isEarlier(source),
      });
      await migrate({ url: database.url, services, directory });
      await client.connect();
      const id = randomUUID;
      /** Writes a sport as an older Prisma client does: with a cast to the old enum type. */
      const write = async (sport: string): Promise<void> => {
        await client.query(
          `INSERT INTO users.users (id, username, display_name, sports) VALUES ($1, $2, 'A', CAST($3::text[] AS users.sport[]))`,
          [id(), id(), [sport, 'HOCKEY']],
        );
        await client.query(
          `INSERT INTO teams.teams (id, founder_id, client_id, name, sport) VALUES ($1, $2, 'c', 'T', CAST($3::text AS teams.sport))`,
          [id(), id(), sport],
        );
        await client.query(
          `INSERT INTO matches.matches (id, organizer_id, client_id, sport, home_team_id, away_team_id, kickoff_at, score)
          VALUES ($1, $2, 'c', CAST($3::text AS matches.sport), $4, $5, now(), '{}')`,
          [id(), id(), sport, id(), id()],
        );
      };
      const read = async (): Promise<unknown[]> =>
        (
          await client.query(`SELECT id, sports::text[] AS sport FROM users.users UNION ALL SELECT id, ARRAY[sport::text] FROM teams.teams
        UNION ALL SELECT id, ARRAY[sport::text] FROM matches.matches ORDER BY id`)
        ).rows;
      const before = [
        'FOOTBALL',
        'MINI_FOOTBALL',
        'BASKETBALL',
        'BASKETBALL_3X3',
        'VOLLEYBALL',
        'BEACH_VOLLEYBALL',
        'HOCKEY',
      ];
      for (const sport of before) await write(sport);
      const kept = await read();
      assert.equal(kept.length, 3 * before.length);

      assert.equal((await migrate({ url: database.url, services, directory: PRISMA })) >= 3, true);
      assert.deepEqual(await read(), kept);
      const columns = await client.query(
        `SELECT table_schema, udt_name FROM information_schema.columns WHERE column_name IN ('sport', 'sports') AND table_name IN ('users', 'teams', 'matches') ORDER BY 1`,
      );
      assert.deepEqual(
        columns.rows.map((row: Record<string, string>) => Object.values(row)),
        [
          ['matches', 'text'],
          ['teams', 'text'],
          ['users', '_text'],
        ],
      );
      await write('BASKETBALL');
      const found = await client.query(
        `SELECT id FROM teams.teams WHERE sport = CAST('BASKETBALL'::text AS teams.sport) AND sport IN (CAST('BASKETBALL'::text AS teams.sport))`,
      );
      assert.equal(found.rowCount, 2);
    } finally {
      await client.end();
      await database.drop();
      await rm(directory, { recursive: true });
    }
  });
});
