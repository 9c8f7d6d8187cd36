// Who is signed in, in the browser: renews tokens in good time, and says so when the person is signed out.

/** A token is renewed when it has less than this left, or less than half of its life. */
const EARLY_MS = 60_000;
/** Between two attempts to renew while the issuer does not answer. */
const RETRY_MS = 5_000;
/** Timers cannot be longer. */
const LONGEST_MS = 2 ** 31 - 1;

class Refused extends Error {}

/** @param onChange gets each new state, and the token if there is one */
export function createSession({ fetch, onChange, now = Date.now, setTimer = setTimeout, clearTimer = clearTimeout }) {
  // `is`: what somebody can do about it. `problem`: why a token that is about to end is not renewed, or why nobody is
  // signed in any more.
  let state = { is: 'guest' };
  // Of whoever is signed in: person, token, refreshToken, until (ms) and earlyMs; another object for each sign-in.
  let current;
  let renewing;
  let timer;

  const become = (next) => {
    state = next;
    onChange(state, current?.token);
  };

  async function ask(url, body) {
    const response = await fetch(url, { method: 'POST', ...(body && { body }) });
    const passes = response.status >= 500 || response.status === 429;
    const answer = await response.json().catch(() => ({}));
    if (response.ok && typeof answer.access_token === 'string') return answer;
    const why = `${answer.error_description ?? answer.error ?? 'no token'} (HTTP ${response.status})`;
    throw passes ? new Error(why) : new Refused(why);
  }

  function keep(session, answer) {
    const lifeMs = answer.expires_in > 0 ? answer.expires_in * 1000 : Infinity;
    Object.assign(session, {
      token: answer.access_token,
      refreshToken: answer.refresh_token,
      until: now() + lifeMs,
      earlyMs: Math.min(EARLY_MS, lifeMs / 2),
    });
    renewAt(session, session.until - session.earlyMs);
  }

  function renewAt(session, time) {
    clearTimer(timer);
    if (time < Infinity)
      timer = setTimer(
        () => void renew(session).catch(() => undefined),
        Math.min(LONGEST_MS, Math.max(0, time - now())),
      );
  }

  function end(next) {
    clearTimer(timer);
    current = undefined;
    renewing = undefined;
    become(next);
  }

  /** One at a time: a refresh token is good once. */
  function renew(session) {
    renewing ??= renewNow(session).finally(() => {
      if (session === current) renewing = undefined;
    });
    return renewing;
  }

  async function renewNow(session) {
    const { person } = session;
    try {
      if (!person.refresh || !session.refreshToken) {
        // The token cannot be renewed: it is used to its end.
        if (now() < session.until) return renewAt(session, session.until);
        throw new Refused('the token has run out');
      }
      const form = new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: person.refresh.clientId,
        refresh_token: session.refreshToken,
      });
      const answer = await ask(person.refresh.tokenUrl, form);
      if (session !== current) return;
      keep(session, answer);
      become({ is: 'signed in', person });
    } catch (error) {
      if (session !== current) return;
      if (error instanceof Refused) return end({ is: 'signed out', person, problem: error.message });
      renewAt(session, now() + RETRY_MS);
      become({ is: 'signed in', person, problem: error.message });
    }
  }

  return {
    async signIn(person) {
      const session = { person };
      clearTimer(timer);
      current = session;
      renewing = undefined;
      become({ is: 'signing in', person });
      try {
        const answer = await ask(person.tokenUrl);
        if (session !== current) return;
        keep(session, answer);
        become({ is: 'signed in', person });
      } catch (error) {
        if (session === current) end({ is: 'signed out', person, problem: error.message });
      }
    },
    signOut: () => end({ is: 'guest' }),
    /**
     * A token that is good now; undefined for a guest. @throws Error when it has run out and cannot be renewed at the
     * moment
     */
    async token() {
      const session = current;
      if (!session?.token) return undefined;
      if (renewing || (now() >= session.until - session.earlyMs && session.refreshToken)) await renew(session);
      if (session !== current) return current?.token;
      if (now() < session.until) return session.token;
      await renew(session);
      if (current && now() >= current.until)
        throw new Error(`The token has run out and cannot be renewed now: ${state.problem}`);
      return current?.token;
    },
    /**
     * The router has refused this token, whatever its time says: @returns another one, undefined when there is none.
     */
    async refused(token) {
      const session = current;
      if (!session || session.token !== token) return current?.token;
      if (!session.person.refresh || !session.refreshToken)
        end({ is: 'signed out', person: session.person, problem: 'the API refuses the token' });
      else await renew(session);
      return current?.token === token ? undefined : current?.token;
    },
  };
}
