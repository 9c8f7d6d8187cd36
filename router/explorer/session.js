// The sign-in session in the browser. It renews tokens before they expire, and reports when the user is signed out.

/** A token is renewed when less than this is left, or less than half of its lifetime. */
const EARLY_MS = 60_000;
/** The pause between two attempts to renew while the issuer does not answer. */
const RETRY_MS = 5_000;
/** The longest delay of a timer in browsers and Node, in milliseconds. */
const LONGEST_MS = 2 ** 31 - 1;

class Refused extends Error {}

/** @param onChange called with each new state, and with the token if there is one */
export function createSession({ fetch, onChange, now = Date.now, setTimer = setTimeout, clearTimer = clearTimeout }) {
  // `is`: the state. `problem`: why a token that expires soon could not be renewed, or why the user was signed out.
  let state = { is: 'guest' };
  // The session of the signed-in user: person, token, refreshToken, until (ms) and earlyMs. Each sign-in creates a new
  // object.
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

  /** Renews the token. Only one renewal runs at a time, because a refresh token can be used only once. */
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
        // The token cannot be renewed, so it is used until it expires.
        if (now() < session.until) return renewAt(session, session.until);
        throw new Refused('the token has expired');
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
     * A valid token, or undefined for an anonymous user.
     * @throws Error when the token has expired and cannot be renewed now
     */
    async token() {
      const session = current;
      if (!session?.token) return undefined;
      if (renewing || (now() >= session.until - session.earlyMs && session.refreshToken)) await renew(session);
      if (session !== current) return current?.token;
      if (now() < session.until) return session.token;
      await renew(session);
      if (current && now() >= current.until)
        throw new Error(`The token has expired and cannot be renewed now: ${state.problem}`);
      return current?.token;
    },
    /**
     * Reports that the router refused this token.
     * @returns another token, or undefined when there is none
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
