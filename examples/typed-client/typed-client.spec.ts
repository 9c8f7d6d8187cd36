import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { FinishMatch, RoomEvents } from '../../test/e2e/operations.ts';
import { createTeam, kickOff, record, roomOfTeam, schedule } from '../../test/e2e/play.ts';
import { upTo } from '../../test/e2e/reading.ts';
import { type Network, type Person, startNetwork, until } from '../../test/network.ts';
import { type Proxy, startProxy } from '../../test/network/proxy.ts';
import { Ticker } from './operations.ts';
import { createLiveClient, resumable, StreamEnded } from './resumable.ts';

const GOALS = 60;

describe('the typed client', () => {
  let network: Network;
  let proxy: Proxy;
  let olga: Person;
  beforeAll(async () => {
    network = await startNetwork({ separate: true });
    proxy = await startProxy(network.routers[0]?.url ?? '');
    olga = await network.user('olga', { roles: ['organizer'] });
  });
  afterAll(async () => {
    await proxy?.close();
    await network?.stop();
  });

  const live = (token?: () => string) =>
    createLiveClient({ url: proxy.url.replace(/^http/, 'ws'), token, firstPauseMs: 40, pingMs: 200 });

  /**
   * Plays a match with many goals while the clients' connection is cut again and again. In full mode the subgraph is
   * also killed during the match.
   */
  const playBadly = async (matchId: string): Promise<void> => {
    let playing = true;
    const cutting = (async () => {
      while (playing) {
        await sleep(20 + Math.random() * 150);
        proxy.cut();
      }
    })();
    await kickOff(olga, matchId);
    for (const n of upTo(GOALS)) {
      if (n === GOALS / 2 && network.mode === 'full') {
        await network.kill('matches');
        await network.restart('matches');
      }
      await until('it is recorded', () =>
        record(
          olga,
          matchId,
          { goal: { side: 'HOME', player: { name: `Player ${n}` }, clock: { minute: 1 } } },
          String(n),
        ),
      );
    }
    playing = false;
    await cutting;
    await olga.request(FinishMatch, { input: { matchId } });
  };

  it('receives every event once and in order, however often its connection is cut', async () => {
    const { matchId } = await schedule(olga);
    const client = live();
    const before = proxy.connections();
    const playing = playBadly(matchId);
    const seqs: number[] = [];
    const names: string[] = [];
    for await (const { matchEvents: event } of resumable({
      client,
      document: Ticker,
      variables: { matchId },
      seqOf: ({ matchEvents }) => matchEvents.seq,
      firstPauseMs: 40,
    })) {
      seqs.push(event.seq);
      if (event.__typename === 'GoalScored') names.push(event.player?.name ?? '');
      if (event.__typename === 'MatchStateChanged' && event.state === 'FINISHED') break;
    }
    await playing;
    await client.dispose();
    assert.deepEqual(seqs, upTo(GOALS + 4));
    assert.deepEqual(
      names,
      upTo(GOALS).map((n) => `Player ${n}`),
    );
    assert.ok(proxy.connections() - before > 3, `only ${proxy.connections() - before} connections`);
  });

  it('treats a silent connection as lost', async () => {
    const { matchId } = await schedule(olga);
    const client = live();
    const stream = resumable({
      client,
      document: Ticker,
      variables: { matchId },
      seqOf: ({ matchEvents }) => matchEvents.seq,
    });
    assert.equal((await stream.next()).value?.matchEvents.seq, 1);
    proxy.freeze();
    await kickOff(olga, matchId);
    assert.equal((await stream.next()).value?.matchEvents.seq, 2);
    await stream.return();
    await client.dispose();
  });

  it('stops where a retry cannot help: forbidden streams, and a refused token', async () => {
    const teamId = await createTeam(olga, 'Yard Foxes');
    const roomId = await roomOfTeam(olga, teamId);
    for (const [token, code] of [
      [undefined, 'NOT_FOUND'],
      [() => 'x.y.z', 'UNAUTHENTICATED'],
    ] as const) {
      const client = live(token);
      const stream = resumable({
        client,
        document: RoomEvents,
        variables: { roomId },
        seqOf: ({ messageEvents }) => messageEvents.seq,
      });
      await assert.rejects(stream.next(), (error) => error instanceof StreamEnded && error.code === code);
      await client.dispose();
    }
  });

  it('stops when the server does not have the event, as after a restore from an older backup: reload the page, and follow from its lastSeq', async () => {
    const { matchId } = await schedule(olga);
    const roomId = await roomOfTeam(olga, await createTeam(olga, 'Yard Foxes'));
    const client = live(() => olga.token ?? '');
    const streams = [
      resumable({
        client,
        document: Ticker,
        variables: { matchId, afterSeq: 1_000 },
        seqOf: ({ matchEvents }) => matchEvents.seq,
      }),
      resumable({
        client,
        document: RoomEvents,
        variables: { roomId, afterSeq: 1_000 },
        seqOf: ({ messageEvents }) => messageEvents.seq,
      }),
    ];
    for (const stream of streams)
      await assert.rejects(stream.next(), (error) => error instanceof StreamEnded && error.code === 'RESYNC_REQUIRED');
    await client.dispose();
  });

  it('is a program: a ticker up to the final whistle', async () => {
    const { matchId } = await schedule(olga);
    const ticker = run(['--match', matchId, '--url', proxy.url]);
    await until('it follows', () => ticker.output().includes('scheduled'));
    await playBadly(matchId);
    assert.equal(await ticker.ended, 0, ticker.output());
    const lines = ticker.output().trimEnd().split('\n');
    assert.deepEqual(lines.slice(0, 2), ['E2E', 'Yard Foxes – Brick Rovers']);
    assert.deepEqual(
      lines.filter((line) => line.includes('Player')),
      upTo(GOALS).map((n) => `1'     ${n}:0  Yard Foxes, Player ${n}`),
    );
    assert.match(lines.at(-1) ?? '', new RegExp(`${GOALS}:0 {2}finished`));
  });

  it('retries while the API is unavailable, for as long as a start takes', async () => {
    const answers = [
      [503, 'UNAVAILABLE'],
      [200, 'UNAVAILABLE'],
      [200, undefined],
    ] as const;
    let asked = 0;
    const server = createServer((req, res) => {
      const [status, code] = answers[asked++] ?? [500, 'INTERNAL'];
      const body = code ? { errors: [{ message: 'not now', extensions: { code } }] } : { data: { match: null } };
      req
        .resume()
        .on('end', () => res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const early = run([
      '--match',
      'nobody',
      '--url',
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    ]);
    assert.equal(await early.ended, 1);
    server.close();
    assert.deepEqual([early.output(), asked], ['there is no match nobody\n', 3]);
  });

  it('prints mistakes in one line', async () => {
    const nobody = run(['--match', 'nobody', '--url', network.routers[0]?.url ?? '']);
    assert.equal(await nobody.ended, 1);
    assert.equal(nobody.output(), 'there is no match nobody\n');
    const help = run(['--help']);
    assert.equal(await help.ended, 0);
    assert.match(help.output(), /--match ID/);
  });
});

function run(flags: string[]): { ended: Promise<unknown>; output: () => string } {
  const child = spawn(process.execPath, ['--import', './loader.mjs', 'examples/typed-client/index.ts', ...flags], {
    cwd: path.join(import.meta.dirname, '../..'),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return { ended: once(child, 'close').then(([code]) => code as unknown), output: () => output };
}
