import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Api } from '../../../scripts/competition/api.ts';
import { readCompetition } from '../../../scripts/competition/openfootball.ts';
import { importCompetition } from '../../../scripts/import.ts';
import { isFaultless, replayCompetition } from '../../../scripts/replay.ts';
import { type Network, type Person, startNetwork } from '../../network.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
/** The real files are their users' to download: they are looked for in PRODVOR_OPENFOOTBALL, or in a folder beside the checkout. */
const FOLDERS = process.env.PRODVOR_OPENFOOTBALL ? [process.env.PRODVOR_OPENFOOTBALL] : globSync('../*/data/openfootball', { cwd: ROOT }).map((found) => path.join(ROOT, found));
const WORLD_CUP = path.join(FOLDERS[0] ?? ROOT, 'worldcup-2022.json');

const row = (team1: string, team2: string, more: object) => ({ round: 'Matchday 1', date: '2026-06-01', time: '18:00 UTC+2', team1, team2, ...more });
const CUP = {
  name: 'Yard Cup',
  matches: [
    row('Foxes', 'Rovers', {
      group: 'Group A', score: { ht: [1, 1], ft: [2, 1] },
      goals1: [{ name: 'Mika Stone', minute: 88 }, { name: 'Jo Brandt', minute: '45', offset: 2, penalty: true }],
      goals2: [{ name: 'Mika Stone', minute: 12, owngoal: true }],
    }),
    row('Owls', 'Larks', { group: 'Group A', score: { ht: [0, 2], ft: [3, 3] } }),
    row('Foxes', 'Owls', {
      round: 'Final', date: '2026-06-08', score: { ft: [1, 1], et: [2, 2], p: [4, 2] },
      goals1: [{ name: 'Dina Reyes', minute: 90, offset: 6 }, { name: 'Dina Reyes', minute: 119 }], goals2: [{ name: 'Sam', minute: 2 }, { name: 'Sam', minute: 104 }],
    }),
    row('Rovers', 'Larks', { round: 'Third place', date: '2026-06-09', time: undefined }),
  ],
};

describe('a competition', () => {
  let network: Network;
  let olga: Person;
  let api: Api;
  let folder: string;
  before(async () => {
    network = await startNetwork();
    olga = await network.user('olga', { roles: ['organizer'] });
    api = new Api({ url: olga.url, token: olga.token });
    folder = await mkdtemp(path.join(os.tmpdir(), 'prodvor-replay-'));
  });
  after(async () => {
    await api?.close();
    await network?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** `npm run import|replay` in a folder of its own. */
  const run = async (command: 'import' | 'replay', ...args: string[]): Promise<{ code: number; out: string; error: string }> => {
    const flags = ['--import', path.join(ROOT, 'loader.mjs'), path.join(ROOT, `scripts/${command}.ts`), ...args, '--url', olga.url, '--token', olga.token ?? ''];
    const child = spawn(process.execPath, flags, { cwd: folder, env: { PATH: process.env.PATH } });
    let out = '';
    let error = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (error += text));
    const [code] = (await once(child, 'close')) as [number];
    return { code, out, error };
  };
  const countOf = async (competition: string): Promise<number> => {
    const { data } = await network.guest.execute<{ matches: { edges: unknown[] } }>('query ($c: String) { matches(competition: $c, first: 100) { edges { node { id } } } }', { c: competition });
    return data?.matches.edges.length ?? -1;
  };

  it('that cannot be is refused whole, with code and place', async () => {
    const broken: [string, unknown, RegExp][] = [
      ['wrong JSON', '{"name": "Yard Cup", "matches": [', /^INVALID_JSON at \$: /],
      ['no matches', { name: 'Yard Cup' }, /^INVALID_VALUE at \$\.matches: /],
      ['a team missing', { ...CUP, matches: [...CUP.matches, { ...CUP.matches[0], team2: undefined }] }, /^INVALID_VALUE at \$\.matches\[4\]\.team2: the team is missing/],
      ['an impossible minute', { ...CUP, matches: [{ ...CUP.matches[0], goals2: [{ name: 'Sam', minute: 130 }] }] }, /^INVALID_VALUE at \$\.matches\[0\]\.goals2\[0\]\.minute: a minute is at most 120/],
      ['goals that make another score', { ...CUP, matches: [{ ...CUP.matches[0], score: { ft: [5, 0] } }] }, /^CONTRADICTION at \$\.matches\[0\]: the goals make 2:1, the score says 5:0/],
      ['a match twice', { ...CUP, matches: [...CUP.matches, CUP.matches[1]] }, /^CONTRADICTION at \$\.matches\[4\]: the same match as \$\.matches\[1\]/],
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
    assert.deepEqual([missing.code, missing.error], [2, `${path.join(folder, 'nowhere.json')} cannot be read: ENOENT\n`]);
    assert.equal(await countOf(CUP.name), 0);
  });

  it('is imported once, however often', async () => {
    const file = path.join(folder, 'cup.json');
    await writeFile(file, JSON.stringify(CUP));
    const first = await run('import', file);
    assert.deepEqual([first.code, first.error], [0, '']);
    assert.match(first.out, /^Yard Cup: 4 teams and 4 matches\.\nnot taken: \$\.matches\[3\] Rovers – Larks: no kick-off time; noon UTC is taken\n/);
    assert.match((await run('import', file)).out, /^Yard Cup: 4 teams and 4 matches, 4 of them already there\.\n/);
    assert.equal(await countOf(CUP.name), 4);
  });

  it('is played through the public API while a subscriber sees each event once and in order, and ends as the file says', async () => {
    const { code, out, error } = await run('replay', '--competition', CUP.name, '--speed', 'max', '--json');
    assert.deepEqual([code, error], [0, '']);
    const report = JSON.parse(out) as Awaited<ReturnType<typeof replayCompetition>>;
    // Three goals and six; in the final four goals, three more periods and six kicks; four records of each match's own, one more for its second half.
    const recorded = 3 * 5 + 3 + 6 + 4 + 3 + 6;
    assert.deepEqual({ ...report, seconds: 0 }, {
      competition: CUP.name, played: 3, playedBefore: 0, recorded, goals: 13, delivery: { delivered: recorded, duplicates: 0, outOfOrder: 0, missing: 0 }, differences: [], seconds: 0,
    });
    const again = JSON.parse((await run('replay', '--competition', CUP.name, '--speed', 'max', '--json')).out) as typeof report;
    assert.deepEqual([again.played, again.playedBefore, again.recorded, again.differences], [0, 3, recorded, []]);
  });

  it('is told apart from its file when they differ', async () => {
    const other = structuredClone(CUP);
    Object.assign(other.matches[0] ?? {}, { score: { ft: [2, 1] }, goals1: [{ name: 'Mika Stone', minute: 88 }, { name: 'Somebody Else', minute: 45, offset: 2, penalty: true }] });
    const report = await replayCompetition(api, readCompetition(JSON.stringify(other)), Infinity, () => undefined);
    assert.equal(isFaultless(report), false);
    assert.match(report.differences.join('\n'), /^Foxes – Rovers: goal 2 is .*Jo Brandt.*, the file says .*Somebody Else/);
  });

  it('can be the World Cup 2022', { skip: !existsSync(WORLD_CUP) && 'the file is not here' }, async (t) => {
    const competition = readCompetition(await readFile(WORLD_CUP, 'utf8'));
    await importCompetition(api, competition, () => undefined);
    const report = await replayCompetition(api, competition, Infinity, () => undefined);
    t.diagnostic(JSON.stringify({ ...report, differences: report.differences.length }));
    assert.deepEqual(report.differences, []);
    assert.deepEqual([report.played, report.goals], [64, 172]);
    assert.deepEqual(report.delivery, { delivered: report.recorded, duplicates: 0, outOfOrder: 0, missing: 0 });
  });
});
