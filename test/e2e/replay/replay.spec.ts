import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { Api } from '../../../examples/competition/api.ts';
import { readCompetition } from '../../../examples/competition/openfootball.ts';
import { CreateTeam } from '../../../examples/competition/operations.ts';
import { importCompetition } from '../../../examples/competition/import.ts';
import { isFaultless, replayCompetition } from '../../../examples/competition/replay.ts';
import { type Network, type Person, startNetwork } from '../../network.ts';
import { afterTest } from '../../after-test.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
/**
 * Users download the real files themselves. They are searched in PRODVOR_OPENFOOTBALL, or in a folder next to the
 * checkout.
 */
const FOLDERS = process.env.PRODVOR_OPENFOOTBALL
  ? [process.env.PRODVOR_OPENFOOTBALL]
  : globSync('../*/data/openfootball', { cwd: ROOT }).map((found) => path.join(ROOT, found));
const WORLD_CUP = path.join(FOLDERS[0] ?? ROOT, 'worldcup-2022.json');

const row = (team1: string, team2: string, more: object) => ({
  round: 'Matchday 1',
  date: '2026-06-01',
  time: '18:00 UTC+2',
  team1,
  team2,
  ...more,
});
const CUP = {
  name: 'Yard Cup',
  matches: [
    row('Foxes', 'Rovers', {
      group: 'Group A',
      score: { ht: [1, 1], ft: [2, 1] },
      goals1: [
        { name: 'Mika Stone', minute: 88 },
        { name: 'Jo Brandt', minute: '45', offset: 2, penalty: true },
      ],
      goals2: [{ name: 'Mika Stone', minute: 12, owngoal: true }],
    }),
    row('Owls', 'Larks', { group: 'Group A', score: { ht: [0, 2], ft: [3, 3] } }),
    row('Foxes', 'Owls', {
      round: 'Final',
      date: '2026-06-08',
      score: { ft: [1, 1], et: [2, 2], p: [4, 2] },
      goals1: [
        { name: 'Dina Reyes', minute: 90, offset: 6 },
        { name: 'Dina Reyes', minute: 119 },
      ],
      goals2: [
        { name: 'Sam', minute: 2 },
        { name: 'Sam', minute: 104 },
      ],
    }),
    row('Rovers', 'Larks', { round: 'Third place', date: '2026-06-09', time: undefined }),
  ],
};

/** A file in the form of other years: rounds, teams with codes, minutes as texts, and unusable rows. */
const EURO = {
  name: 'Yard Euro',
  rounds: [
    {
      name: 'Matchday 1',
      matches: [
        {
          num: 1,
          date: '2024-06-14',
          time: '21:00 CEST',
          team1: { name: 'Elms', code: 'ELM' },
          team2: { name: 'Oaks', code: 'OAK' },
          score: [2, 1],
          goals1: [
            { name: 'Mika Stone', minute: '45+2' },
            { minute: '90+3', owngoal: true },
          ],
          goals2: [{ name: 'Jo Brandt', minute: '7', penalty: true }],
        },
        {
          num: 2,
          date: '2024-06-15',
          team1: { name: 'Elms', code: 'ELM' },
          team2: { name: 'Elms', code: 'ELM' },
          score: [1, 0],
        },
        { num: 3, date: '2024-06-15', team1: { name: 'Ashes' }, team2: { name: 'Oaks' }, status: 'canceled' },
      ],
    },
    {
      name: 'Final',
      matches: [
        {
          num: 4,
          date: '2024-07-14',
          time: '20:00 UTC+2',
          team1: { name: 'Elms' },
          team2: { name: 'Ashes' },
          score: { ft: [0, 0], et: [1, 1], p: [4, 3] },
          goals1: [{ name: 'Mika Stone', minute: 121 }],
          goals2: [{ name: 'Lou', minute: 94 }],
        },
        { num: 5, date: '2024-07-14', time: '17:00 UTC+2', team1: { name: 'W1' }, team2: { name: 'L4' } },
      ],
    },
  ],
};

describe('a competition', () => {
  let network: Network;
  let olga: Person;
  let api: Api;
  let folder: string;
  beforeAll(async () => {
    network = await startNetwork();
    olga = await network.user('olga', { roles: ['organizer'] });
    api = new Api({ url: olga.url, token: olga.token });
    folder = await mkdtemp(path.join(os.tmpdir(), 'prodvor-replay-'));
  });
  afterAll(async () => {
    await api?.close();
    await network?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs `npm run import` or `npm run replay` in a folder of its own. */
  const run = async (
    command: 'import' | 'replay',
    ...args: string[]
  ): Promise<{ code: number; out: string; error: string }> => {
    const flags = [
      '--import',
      path.join(ROOT, 'loader.mjs'),
      path.join(ROOT, `examples/competition/${command}.ts`),
      ...args,
      '--url',
      olga.url,
      '--token',
      olga.token ?? '',
    ];
    const child = spawn(process.execPath, flags, { cwd: folder, env: { PATH: process.env.PATH } });
    let out = '';
    let error = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (error += text));
    const [code] = (await once(child, 'close')) as [number];
    return { code, out, error };
  };
  const countOf = async (competition: string): Promise<number> => {
    const { data } = await network.guest.execute<{ matches: { edges: unknown[] } }>(
      'query ($c: String) { matches(competition: $c, first: 100) { edges { node { id } } } }',
      { c: competition },
    );
    return data?.matches.edges.length ?? -1;
  };

  it('without a usable match is refused, with code and place', async () => {
    const broken: [string, unknown, RegExp][] = [
      ['wrong JSON', '{"name": "Yard Cup", "matches": [', /^INVALID_JSON at \$: /],
      [
        'no matches',
        { name: 'Yard Cup', groups: [{ name: 'Group A', teams: ['Foxes'] }] },
        /^NO_MATCHES at \$: .*: it has groups;/,
      ],
      [
        'slots alone',
        { ...CUP, matches: [row('2A', '1B', {})] },
        /^NOTHING_TAKEN at \$: none of the matches \(1\) can be imported; \$\.matches\[0\] 2A – 1B: "2A" is a slot/,
      ],
    ];
    for (const [what, content, complaint] of broken) {
      const file = path.join(folder, 'broken.json');
      await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
      const { code, out, error } = await run('import', file);
      assert.deepEqual([code, out], [1, ''], what);
      assert.match(error, complaint, what);
      assert.equal(error.trimEnd().split('\n').length, 1, error);
    }
    const missing = await run('import', path.join(folder, 'nowhere.json'));
    assert.deepEqual(
      [missing.code, missing.error],
      [2, `${path.join(folder, 'nowhere.json')} cannot be read: ENOENT\n`],
    );
    assert.equal((await run('import')).code, 2);
    assert.equal(await countOf(CUP.name), 0);
  });

  it('is imported once, however often the command runs', async () => {
    const file = path.join(folder, 'cup.json');
    await writeFile(file, JSON.stringify(CUP));
    const first = await run('import', file);
    assert.deepEqual([first.code, first.error], [0, '']);
    assert.match(
      first.out,
      /^Yard Cup: 4 teams and 4 matches\.\nnote: \$\.matches\[3\] Rovers – Larks: no kick-off time; noon UTC is used\n/,
    );
    assert.match((await run('import', file)).out, /^Yard Cup: 4 teams and 4 matches, 4 of them already there\.\n/);
    // The final and the match for the third place exist only when earlier results show which teams play in them.
    assert.equal(await countOf(CUP.name), 2);
  });

  it('is played through the public API while a subscriber receives each event once and in order, and ends as in the file', async () => {
    const { code, out, error } = await run('replay', '--competition', CUP.name, '--speed', 'max', '--json');
    assert.deepEqual([code, error], [0, '']);
    const report = JSON.parse(out) as Awaited<ReturnType<typeof replayCompetition>>;
    // Each of the three matches has six records that are neither goals nor kicks. The first match has three goals, the
    // second six. The final has four goals, three more periods and six kicks.
    const recorded = 3 * 6 + 3 + 6 + 4 + 3 + 6;
    assert.deepEqual(
      { ...report, seconds: 0 },
      {
        competition: CUP.name,
        played: 3,
        playedBefore: 0,
        recorded,
        goals: 13,
        delivery: { delivered: recorded, duplicates: 0, outOfOrder: 0, missing: 0 },
        differences: [],
        seconds: 0,
      },
    );
    const again = JSON.parse(
      (await run('replay', '--competition', CUP.name, '--speed', 'max', '--json')).out,
    ) as typeof report;
    assert.deepEqual([again.played, again.playedBefore, again.recorded, again.differences], [0, 3, recorded, []]);
  });

  it('in another format, with unusable rows, is played too', async () => {
    const file = path.join(folder, 'euro.json');
    await writeFile(file, JSON.stringify(EURO));
    const leftOut = [
      'skipped: $.rounds[0].matches[1] Elms – Elms: a team cannot play itself',
      'skipped: $.rounds[1].matches[1] W1 – L4: "W1" is a slot, not a team; import the file again when it says who plays',
    ];
    const dry = await run('import', '--dry-run', file);
    assert.deepEqual([dry.code, dry.error, await countOf(EURO.name)], [0, '', 0]);
    assert.deepEqual(dry.out.split('\n').slice(0, 6), [
      '2024-06-14T19:00:00.000Z  Elms – Oaks  2:1  Matchday 1',
      '2024-06-15T12:00:00.000Z  Ashes – Oaks  Matchday 1',
      '2024-07-14T18:00:00.000Z  Elms – Ashes  1:1  Final',
      'Yard Euro: 3 teams and 3 matches of 5 would be imported.',
      ...leftOut,
    ]);
    const imported = await run('import', file);
    assert.deepEqual([imported.code, imported.error], [0, '']);
    assert.deepEqual(imported.out.split('\n').slice(0, 3), ['Yard Euro: 3 teams and 2 matches of 5.', ...leftOut]);
    const { code, out } = await run('replay', '--competition', EURO.name, '--speed', 'max', '--json');
    const { played, goals, differences } = JSON.parse(out) as Awaited<ReturnType<typeof replayCompetition>>;
    assert.deepEqual([code, played, goals, differences], [0, 2, 5, []]);
  });

  it('is updated from its file, and keeps what it had', async () => {
    const later = structuredClone(EURO);
    // The file now has these teams, and another match begins an hour later.
    Object.assign(later.rounds[1]?.matches[1] ?? {}, { team1: { name: 'Oaks' }, team2: { name: 'Ashes' } });
    Object.assign(later.rounds[0]?.matches[0] ?? {}, { time: '22:00 CEST' });
    const file = path.join(folder, 'euro.json');
    await writeFile(file, JSON.stringify(later));
    const { code, out } = await run('import', file);
    assert.equal(code, 0);
    assert.match(out, /^Yard Euro: 3 teams and 3 matches of 5, 2 of them already there\.\n/);
    assert.match(out, /^skipped: Ashes – Oaks: cancelled, so the table does without it$/m);
    assert.match(
      out,
      /^note: Elms – Oaks, 2024-06-14T20:00:00\.000Z: it was imported with another kick-off, round, group or venue, and stays as it is$/m,
    );
    assert.equal(await countOf(EURO.name), 3);
    const replayed = JSON.parse(
      (await run('replay', '--competition', EURO.name, '--speed', 'max', '--json')).out,
    ) as Awaited<ReturnType<typeof replayCompetition>>;
    assert.deepEqual([replayed.playedBefore, replayed.differences], [2, []]);
  });

  it('is imported even while the API is briefly unavailable, but not for ever', async () => {
    let left = 0;
    const asked: string[] = [];
    // Starts a proxy that answers the first requests with UNAVAILABLE.
    const proxy = createServer(async (request, response) => {
      const body = await text(request);
      asked.push(body);
      if (left-- > 0) {
        response.writeHead(200, { 'content-type': 'application/json' });
        return response.end(
          JSON.stringify({
            data: { createTeam: null },
            errors: [{ message: 'come back', extensions: { code: 'UNAVAILABLE' } }],
          }),
        );
      }
      const answer = await fetch(olga.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: request.headers.authorization ?? '' },
        body,
      });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    afterTest(() => proxy.close());
    const { port } = proxy.address() as AddressInfo;
    const impatient = new Api({ url: `http://127.0.0.1:${port}/graphql`, token: olga.token, pausesMs: [1, 1, 1] });
    afterTest(() => impatient.close());
    const competition = readCompetition(JSON.stringify({ name: 'Yard Friendly', matches: [row('Foxes', 'Owls', {})] }));
    left = 3;
    const { tournament, placed, rulesInWords, ...imported } = await importCompetition(
      impatient,
      competition,
      () => undefined,
    );
    assert.deepEqual(
      { ...imported, placed: placed.size },
      { teams: 2, matches: 1, known: 0, rules: 'football', leftOut: [], notes: [], placed: 0 },
    );
    assert.ok(tournament);
    assert.match(rulesInWords, /^football \(version 1\): 3 points for a win; /);
    left = Infinity;
    asked.length = 0;
    await assert.rejects(
      impatient.request(CreateTeam, { input: { clientId: 'friendly', name: 'Foxes', sport: 'FOOTBALL' } }),
      { message: 'UNAVAILABLE: come back' },
    );
    assert.equal(asked.length, 4);
  });

  it('loses only the rows that the API refuses', async () => {
    const competition = readCompetition(
      JSON.stringify({
        name: 'Yard League',
        matches: [
          row('Foxes', 'Owls', {}),
          row('Fo\u0000xes', 'Larks', {}),
          row('Larks', 'Owls', { group: 'A\u0007' }),
        ],
      }),
    );
    const { teams, matches, leftOut } = await importCompetition(api, competition, () => undefined);
    assert.deepEqual([teams, matches], [3, 1]);
    // The API may change the text of its refusals, so the test compares only their codes.
    assert.deepEqual(leftOut.map((line) => line.replace(/(INVALID \(\w+\)): .*/, '$1')).sort(), [
      'Fo\uFFFDxes – Larks: one of its teams was not imported',
      'Larks – Owls: INVALID (group)',
      'the team Fo\uFFFDxes: INVALID (name)',
    ]);
  });

  it('is reported when it differs from its file', async () => {
    const other = structuredClone(CUP);
    Object.assign(other.matches[0] ?? {}, {
      score: { ft: [2, 1] },
      goals1: [
        { name: 'Mika Stone', minute: 88 },
        { name: 'Somebody Else', minute: 45, offset: 2, penalty: true },
      ],
    });
    const report = await replayCompetition(api, readCompetition(JSON.stringify(other)), Infinity, () => undefined);
    assert.equal(isFaultless(report), false);
    assert.match(
      report.differences.join('\n'),
      /^Foxes – Rovers: goal 2 is .*Jo Brandt.*, the file says .*Somebody Else/,
    );
  });

  (existsSync(WORLD_CUP) ? it : it.skip)('can be the World Cup 2022', async () => {
    const competition = readCompetition(await readFile(WORLD_CUP, 'utf8'));
    await importCompetition(api, competition, () => undefined);
    const report = await replayCompetition(api, competition, Infinity, () => undefined);
    assert.deepEqual(report.differences, []);
    assert.deepEqual([report.played, report.goals], [64, 172]);
    assert.deepEqual(report.delivery, { delivered: report.recorded, duplicates: 0, outOfOrder: 0, missing: 0 });
  });
});
