import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import type { SignIn } from './explorer.ts';
import { createSession, type SessionState } from './session.js';

const ANNA: SignIn = {
  label: 'anna',
  tokenUrl: '/demo?user=anna',
  refresh: { tokenUrl: '/token', clientId: 'explorer' },
};
const BORIS: SignIn = { label: 'boris', tokenUrl: '/demo?user=boris' };

/**
 * A session with a clock that only the test advances, and an issuer that answers as the test says. By default it issues
 * a new token of five minutes.
 */
function open() {
  const world = {
    time: 0,
    calls: [] as string[],
    states: [] as SessionState[],
    told: [] as (string | undefined)[],
    timer: undefined as { work: () => void; at: number } | undefined,
    answer: undefined as undefined | (() => Promise<{ status: number; body: object }>),
    /** Advances the clock and runs the timers that are due. */
    async pass(seconds: number): Promise<void> {
      world.time += seconds * 1000;
      if (world.timer && world.timer.at <= world.time) {
        const { work } = world.timer;
        world.timer = undefined;
        work();
      }
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  let issued = 0;
  const session = createSession({
    fetch: async (url, { body }) => {
      world.calls.push(body ? `${url} ${body.get('client_id')} ${body.get('refresh_token')}` : url);
      issued++;
      const { status, body: answer } = await (world.answer?.() ??
        Promise.resolve({
          status: 200,
          body: { access_token: `access-${issued}`, refresh_token: `refresh-${issued}`, expires_in: 300 },
        }));
      return { ok: status === 200, status, json: () => Promise.resolve(answer) };
    },
    onChange: (state, token) => {
      world.states.push(state);
      world.told.push(token);
    },
    now: () => world.time,
    setTimer: (work, ms) => (world.timer = { work, at: world.time + ms }),
    clearTimer: () => (world.timer = undefined),
  });
  return { session, world };
}

describe('a session of the explorer', () => {
  it('renews the token a minute before it expires, with the newest refresh token', async () => {
    const { session, world } = open();
    assert.equal(await session.token(), undefined);
    await session.signIn(ANNA);
    assert.equal(await session.token(), 'access-1');
    await world.pass(239);
    assert.deepEqual(world.calls, ['/demo?user=anna']);
    await world.pass(1);
    await world.pass(240);
    assert.deepEqual(world.calls, ['/demo?user=anna', '/token explorer refresh-1', '/token explorer refresh-2']);
    assert.equal(await session.token(), 'access-3');
    assert.deepEqual(
      world.told,
      [undefined, 'access-1', 'access-2', 'access-3'],
      'each token is told, so that sockets get it',
    );
    assert.deepEqual(world.states.at(-1), { is: 'signed in', person: ANNA });
  });

  it('renews once for all callers, even after the computer slept through the timer', async () => {
    const { session, world } = open();
    await session.signIn(ANNA);
    world.time += 8 * 3600_000;
    assert.deepEqual(await Promise.all([session.token(), session.token(), session.refused('access-1')]), [
      'access-2',
      'access-2',
      'access-2',
    ]);
    assert.equal(world.calls.length, 2);
  });

  it('signs out when the issuer refuses, and says so', async () => {
    const { session, world } = open();
    await session.signIn(ANNA);
    world.answer = async () => ({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Invalid refresh token' },
    });
    await world.pass(240);
    assert.deepEqual(world.states.at(-1), {
      is: 'signed out',
      person: ANNA,
      problem: 'Invalid refresh token (HTTP 400)',
    });
    assert.equal(world.told.at(-1), undefined);
    assert.equal(await session.token(), undefined);
    assert.equal(world.timer, undefined);
  });

  it('retries while the issuer does not answer, and never returns an expired token', async () => {
    const { session, world } = open();
    await session.signIn(ANNA);
    world.answer = async () => ({ status: 503, body: {} });
    await world.pass(240);
    assert.deepEqual(world.states.at(-1), { is: 'signed in', person: ANNA, problem: 'no token (HTTP 503)' });
    assert.equal(await session.token(), 'access-1');
    world.time = 301_000;
    await assert.rejects(session.token(), /has expired and cannot be renewed now: no token \(HTTP 503\)/);
    world.answer = () => Promise.reject(new TypeError('Failed to fetch'));
    await assert.rejects(session.token(), /Failed to fetch/);
    world.answer = undefined;
    await world.pass(5);
    assert.deepEqual(world.states.at(-1), { is: 'signed in', person: ANNA });
    assert.match((await session.token()) ?? '', /^access-/);
  });

  it('renews a token that the router refuses early; signs out if it cannot be renewed', async () => {
    const { session, world } = open();
    await session.signIn(ANNA);
    assert.equal(await session.refused('access-1'), 'access-2');
    assert.equal(await session.refused('access-1'), 'access-2', 'of a call that was sent before');
    world.answer = async () => ({ status: 400, body: { error: 'invalid_grant' } });
    assert.equal(await session.refused('access-2'), undefined);
    assert.deepEqual(world.states.at(-1), { is: 'signed out', person: ANNA, problem: 'invalid_grant (HTTP 400)' });
    world.answer = undefined;
    await session.signIn(BORIS);
    assert.equal(await session.refused((await session.token()) ?? ''), undefined);
    assert.deepEqual(world.states.at(-1), { is: 'signed out', person: BORIS, problem: 'the API refuses the token' });
  });

  it('uses a token that cannot be renewed until it expires, then signs out', async () => {
    const { session, world } = open();
    await session.signIn(BORIS);
    await world.pass(270);
    assert.equal(await session.token(), 'access-1');
    await world.pass(30);
    assert.deepEqual(world.states.at(-1), { is: 'signed out', person: BORIS, problem: 'the token has expired' });
    assert.deepEqual(world.calls, ['/demo?user=boris']);
  });

  it('never returns the token of a previously signed-in person', async () => {
    const { session, world } = open();
    await session.signIn(ANNA);
    const late = Promise.withResolvers<{ status: number; body: object }>();
    world.answer = () => late.promise;
    await world.pass(240);
    world.answer = undefined;
    await session.signIn(BORIS);
    const token = await session.token();
    late.resolve({ status: 200, body: { access_token: 'of-anna', refresh_token: 'r', expires_in: 300 } });
    await world.pass(0);
    assert.equal(await session.token(), token);
    assert.deepEqual(world.states.at(-1), { is: 'signed in', person: BORIS });
    session.signOut();
    assert.equal(await session.token(), undefined);
    assert.deepEqual(world.states.at(-1), { is: 'guest' });
  });

  it('says why signing in failed', async () => {
    const { session, world } = open();
    world.answer = async () => ({
      status: 403,
      body: { error: 'access_denied', error_description: 'Demo tokens are for clients on this machine.' },
    });
    await session.signIn(ANNA);
    assert.deepEqual(world.states.at(-1), {
      is: 'signed out',
      person: ANNA,
      problem: 'Demo tokens are for clients on this machine. (HTTP 403)',
    });
  });
});
