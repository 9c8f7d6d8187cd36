import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import pg from 'pg';
import { readConfig } from '../../platform/config/config.ts';
import { openDataDirectory } from '../../platform/embedded-database/visit.ts';
import { renderMetrics } from '../../platform/observability/metrics.ts';
import { subgraphs } from '../../subgraphs/registry.ts';
import { until } from '../../test/network/until.ts';
import { type Product, startProduct } from '../product.ts';
import { messages, type Ran } from './messages.fixture.ts';
import { afterTest } from '../../test/after-test.ts';

let data: string;
const run = (...args: string[]): Promise<Ran> => messages([...args, '--data', data]);
const start = (): Promise<Product> =>
  startProduct({
    config: readConfig({ env: { PRODVOR_DATA: data, LOG_LEVEL: 'error', LOG_FORMAT: 'text' } }),
    subgraphs: Object.keys(subgraphs),
    router: true,
    port: 0,
  });

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'prodvor-messages-'));
  if (process.geteuid?.() === 0) await chmod(data, 0o711);
});
afterAll(() => rm(data, { recursive: true, force: true }));

describe('npm run messages', () => {
  it('prints its help, refuses wrong usage with the help and code 2, and creates nothing where no data directory is', async () => {
    const help = await run('--help');
    assert.deepEqual([help.code, help.err], [0, '']);
    for (const command of ['status', 'parked', 'dead', 'show ID', 'redrive ID', 'drop ID', 'Exit codes'])
      assert.ok(help.out.includes(command), command);
    const id = randomUUID();
    const wrong = [
      [],
      ['x'],
      ['status', 'x'],
      ['show'],
      ['drop', 'x'],
      ['redrive'],
      ['redrive', id, '--all'],
      ['parked', '--limit', '0'],
      ['--wrong'],
      ['status', '--service', 'x'],
      ['announce', 'chat.v1'],
    ];
    for (const { code, out, err } of await Promise.all(wrong.map((args) => run(...args)))) {
      assert.deepEqual([code, out], [2, '']);
      assert.ok(err.endsWith(help.out), err.split('\n')[0]);
    }
    const { code, err } = await run('status');
    assert.deepEqual([code, err.trim().split('\n').length], [1, 1], err);
    assert.match(err, /holds no database/);
    assert.deepEqual(await readdir(data), []);
    const misconfigured = await messages(['status'], { env: { PRODVOR_MODE: 'none' } });
    assert.deepEqual([misconfigured.code, misconfigured.err.trim()], [2, 'PRODVOR_MODE must be embedded or full']);
  });
});

/** Runs SQL in the database of the data directory. If the product does not run, this starts the database server. */
async function sql(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const visit = await openDataDirectory(data);
  const client = new pg.Client({ connectionString: visit.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text, values)).rows;
  } finally {
    await client.end();
    await visit.close();
  }
}

/** How many rows are parked in the outbox of teams, and in the inboxes of its consumers. */
const parkedRows = async (): Promise<unknown> =>
  (
    await sql(`SELECT (SELECT count(*) FROM teams.outbox WHERE parked_at IS NOT NULL)
  + (SELECT count(*) FROM matches.inbox_parked) + (SELECT count(*) FROM chat.inbox_parked)
  + (SELECT count(*) FROM notifications.inbox_parked) AS n`)
  )[0]?.n;
const untilParked = (rows: number): Promise<unknown> =>
  until(`${rows} rows are parked`, async () => (await parkedRows()) === String(rows));

interface Listed {
  id: string;
  place: string;
  consumer?: string;
  seq: number;
  state: string;
}
const listed = async (...args: string[]): Promise<Listed[]> =>
  JSON.parse((await run('parked', '--json', ...args)).out) as Listed[];
const brief = (all: readonly Listed[]): string[] =>
  all
    .map(({ place, consumer, seq, state }) => `${place}${consumer ? ` of ${consumer}` : ''} ${seq} ${state}`)
    .toSorted();

/**
 * Writes three outbox rows of teams: an event that consumers cannot read, a good event after it, and a parked row of
 * another key.
 * @returns the ids: of the unreadable event, of the good event and of the row
 */
async function writeBad(teamId: string, other: string): Promise<[string, string, string]> {
  const ids: [string, string, string] = [randomUUID(), randomUUID(), randomUUID()];
  const created = { teamId, name: 'Кировец', sport: 'HOCKEY', city: null };
  await sql(
    `INSERT INTO teams.outbox (kind, topic, key, seq, event_id, type, version, occurred_at, payload, parked_at, attempts, last_error) VALUES
     ('EVENT', 'teams.v1', $1, 1, $3, 'TeamCreated', 1, now(), $6, NULL, 0, NULL), ('EVENT', 'teams.v1', $1, 2, $4, 'TeamCreated', 1, now(), $7, NULL, 0, NULL),
     ('EVENT', 'teams.v1', $2, 1, $5, 'TeamCreated', 1, now(), $8, now(), 10, 'too' || chr(27) || '[2J large')`,
    [teamId, other, ...ids, { ...created, name: 7 }, created, { ...created, teamId: other }],
  );
  return ids;
}
/** Makes the event readable, as a newer version of the program would. */
const makeReadable = (id: string): Promise<unknown> =>
  sql(
    `${['matches', 'chat', 'notifications'].map((service) => `UPDATE ${service}.inbox_parked SET event = jsonb_set(event, '{payload,name}', '"Кировец"') WHERE event->>'eventId' = '${id}'`).join(';')}`,
  );
const knownTeams = async (...ids: string[]): Promise<unknown[]> =>
  (await sql('SELECT id::text FROM matches.known_teams WHERE id = ANY ($1::uuid[]) ORDER BY id', [ids])).map(
    ({ id }) => id,
  );

describe('messages that nobody handles, while the product runs', () => {
  let product: Product;
  const [team, other] = [randomUUID(), randomUUID()].toSorted() as [string, string];
  let bad: string;
  let behind: string;
  let row: string;
  const jobId = randomUUID();
  beforeAll(async () => {
    product = await start();
    [bad, behind, row] = await writeBad(team, other);
    await product.platform?.jobQueue.enqueue([
      { id: jobId, queue: 'email-sender', kind: 'WelcomeEmail', version: 1, payload: { to: 'nobody' } },
    ]);
    await untilParked(7);
    await until('the job is dead', async () => (await product.platform?.jobQueue.deadCount('email-sender')) === 1);
  });
  afterAll(() => product.shutdown.stop('the test is over'));

  it('are counted, listed and shown', async () => {
    const { code, out } = await run('status');
    assert.equal(code, 0);
    for (const line of [
      /teams +teams\.v1 +0 +1 +0 +\d+ s/,
      /matches +matches +teams\.v1 +1 +1 +\d+ s/,
      /chat +chat +teams\.v1 +1 +1/,
      /email-sender +1 +\d+ s/,
      /users +teams\.v1 +0/,
    ])
      assert.match(out, line);
    const status = JSON.parse((await run('status', '--json')).out) as {
      inbox: unknown[];
      dead: { queue: string; dead: number }[];
      lag: { events: number }[];
    };
    assert.deepEqual(
      [
        status.inbox.length,
        status.dead.map(({ queue, dead }) => `${queue} ${dead}`).toSorted(),
        status.lag.every(({ events }) => events === 0),
      ],
      [
        3,
        [
          'computations 0',
          'email-sender 1',
          'mass-mailing 0',
          'match-computations 0',
          'media-processor 0',
          'notification-computations 0',
          'push-sender 0',
          'report-generator 0',
        ],
        true,
      ],
    );
    assert.deepEqual(brief(await listed()), [
      'inbox of chat 1 parked',
      'inbox of chat 2 behind',
      'inbox of matches 1 parked',
      'inbox of matches 2 behind',
      'inbox of notifications 1 parked',
      'inbox of notifications 2 behind',
      'outbox 1 parked',
    ]);
    assert.deepEqual(brief(await listed('--service', 'chat', '--limit', '1')), ['inbox of chat 1 parked']);
    const text = (await run('parked')).out;
    assert.ok(text.includes(bad) && text.includes('waits for an earlier message'), text);
    assert.ok(!text.includes('\u001b') && text.includes('too�[2J large'), 'nothing steers the terminal');
    const dead = await run('dead');
    assert.ok(dead.out.includes(jobId) && dead.out.includes('WelcomeEmail'), dead.out);
    const [shown, shownJob, nothing] = await Promise.all([
      run('show', bad),
      run('show', jobId.toUpperCase(), '--json'),
      run('show', randomUUID()),
    ]);
    assert.match(shown.out, /inbox of chat[^]*inbox of matches|inbox of matches[^]*inbox of chat/);
    assert.match(shown.out, /"name": 7/);
    assert.deepEqual(
      (JSON.parse(shownJob.out) as { payload: unknown }[]).map(({ payload }) => payload),
      [{ to: 'nobody' }],
    );
    assert.deepEqual([nothing.code, nothing.out], [1, '']);
  });

  it('are on the page of metrics', async () => {
    const { text } = await renderMetrics();
    for (const line of [
      'outbox_parked{service="teams"} 1',
      'outbox_parked{service="chat"} 0',
      'inbox_parked{consumer="matches",service="matches"} 2',
      'inbox_parked{consumer="chat",service="chat"} 2',
      'jobs_dead{queue="email-sender",service="notifications"} 1',
    ])
      assert.ok(
        text.includes(`${line}\n`),
        `${line}\n${text
          .split('\n')
          .filter((one) => /parked|dead/.test(one))
          .join('\n')}`,
      );
    assert.match(text, /inbox_parked_oldest_seconds\{consumer="chat",service="chat"\} [1-9]/);
  });

  it('have metrics for each queue: depth, oldest age, rate and retries, and dead jobs', async () => {
    const { text } = await renderMetrics();
    for (const { name, queues } of Object.values(subgraphs))
      for (const queue of queues)
        for (const metric of ['jobs_waiting', 'jobs_waiting_oldest_seconds', 'jobs_dead', 'jobs_dead_oldest_seconds'])
          assert.match(text, new RegExp(`^${metric}\\{queue="${queue.name}",service="${name}"\\} \\d`, 'm'));
    // `nobody` is no payload of the job: it was refused at its first delivery.
    assert.match(text, /^jobs_deliveries_total\{[^}]*queue="email-sender"[^}]*outcome="refused"[^}]*\} 1$/m);
  });

  it('are redriven: a row of an outbox, and events that can be read by now, in order', async () => {
    const unreadable = await run('redrive', bad);
    assert.deepEqual(
      [unreadable.code, unreadable.out.trim()],
      [0, '6 of inboxes: their consumers handle them again, within seconds or at the next start.'],
    );
    await until(
      'they failed again',
      async () =>
        (
          await sql(`SELECT FROM matches.inbox WHERE redrive UNION ALL SELECT FROM chat.inbox WHERE redrive
            UNION ALL SELECT FROM notifications.inbox WHERE redrive`)
        ).length === 0,
    );
    assert.equal(await parkedRows(), '7');
    await makeReadable(bad);
    assert.equal((await run('redrive', '--type', 'TeamCreated')).code, 0);
    await until('both teams are known', async () => (await knownTeams(team, other)).length === 2);
    await untilParked(0);
    assert.equal((await sql(`SELECT FROM chat.rooms WHERE subject_id = ANY ($1::uuid[])`, [[team, other]])).length, 2);
    assert.deepEqual((await run('redrive', '--all')).code, 0, 'the dead job');
    assert.equal((await run('redrive', bad)).code, 1);
  });

  it('are dropped after a confirmation, and later events of the key are handled', async () => {
    await until(
      'the job is dead again',
      async () => (await product.platform?.jobQueue.deadCount('email-sender')) === 1,
    );
    const [third, fourth] = [randomUUID(), randomUUID()];
    [bad, behind, row] = await writeBad(third, fourth);
    await untilParked(7);
    for (const asked of await Promise.all(
      ['no\n', ''].map((input) => messages(['drop', bad, '--data', data], { input })),
    )) {
      assert.deepEqual([asked.code, asked.out], [1, '']);
      assert.match(
        asked.err,
        /inbox of chat: chat will never handle the event .*Later events of this key are handled[^]*Drop all of them\?[^]*Nothing was dropped/s,
      );
    }
    const early = await run('drop', behind, '--yes');
    assert.equal(early.code, 1);
    assert.ok(early.out.includes(`behind ${bad}`), early.out);
    assert.equal(await parkedRows(), '7');
    const dropped = await messages(['drop', bad, '--data', data], { input: 'yes\n' });
    assert.deepEqual(
      [dropped.code, dropped.out.trim().split('\n').toSorted()],
      [0, ['inbox of chat: dropped', 'inbox of matches: dropped', 'inbox of notifications: dropped']],
    );
    await until('the one behind it is handled', async () => (await knownTeams(third)).length === 1);
    assert.equal((await run('drop', row, '--yes')).code, 0);
    assert.equal((await run('drop', jobId, '--yes')).code, 0);
    assert.deepEqual([await parkedRows(), await product.platform?.jobQueue.deadCount('email-sender')], ['0', 0]);
    assert.equal((await run('drop', jobId, '--yes')).code, 1);
  });
});

describe('messages that nobody handles, while the product does not run', () => {
  const [team, other, fourth] = [randomUUID(), randomUUID(), randomUUID()];
  it('are shown and redriven, and handled at the next start; no server is left running', async () => {
    const first = await start();
    afterTest(() => first.shutdown.stop('the test is over'));
    const [bad] = await writeBad(team, other);
    const [, , row] = await writeBad(randomUUID(), fourth);
    await untilParked(14);
    await first.shutdown.stop('the operator stops it');
    const files = await readdir(data);

    const status = await run('status');
    assert.equal(status.code, 0, status.err);
    assert.match(status.out, /matches +matches +teams\.v1 +2 +2/);
    assert.equal((await run('show', bad)).code, 0);
    assert.equal((await run('redrive', randomUUID())).code, 1);
    assert.equal((await run('drop', row, '--yes')).code, 0);
    const asked = await run('announce', 'users.v1', '--json');
    assert.deepEqual(
      [asked.code, (JSON.parse(asked.out) as { finished: boolean }).finished],
      [0, false],
      'there is nobody to publish',
    );
    await makeReadable(bad);
    const [redriven, two] = await Promise.all([run('redrive', bad), run('status')]);
    assert.deepEqual([redriven.code, two.code], [0, 0], `two at once wait for each other: ${redriven.err} ${two.err}`);
    assert.equal((await run('redrive', '--type', 'TeamCreated', '--service', 'teams')).code, 0);
    assert.deepEqual(await readdir(data), files, 'no lock is left');

    const again = await start();
    afterTest(() => again.shutdown.stop('the test is over'));
    await until('the events and the row are handled', async () => (await knownTeams(team, other)).length === 2);
    assert.deepEqual(await knownTeams(fourth), [], 'it was dropped');
    await until(
      'users are announced',
      async () => (await sql(`SELECT FROM users.announcement WHERE finished_at IS NOT NULL`)).length === 1,
    );
    await until('each service has handled its events', async () => (await listed()).length === 6);
    assert.deepEqual(brief(await listed()), [
      'inbox of chat 1 parked',
      'inbox of chat 2 behind',
      'inbox of matches 1 parked',
      'inbox of matches 2 behind',
      'inbox of notifications 1 parked',
      'inbox of notifications 2 behind',
    ]);
    await until('it is ready', async () => (await fetch(`${again.origin}/health/ready`)).status === 200);
  });

  it("are left alone when the tables have another version's schema", async () => {
    await sql(`DELETE FROM chat._prisma_migrations WHERE migration_name LIKE '%redrive'`);
    const { code, out, err } = await run('status');
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /tables of chat are of an older version/);
  });
});
