import type { SignIn } from './explorer.ts';

export type SessionState =
  | { readonly is: 'guest' }
  | { readonly is: 'signing in'; readonly person: SignIn }
  /** `problem`: why the token, which expires soon, could not be renewed yet. */
  | { readonly is: 'signed in'; readonly person: SignIn; readonly problem?: string }
  /** The user did not sign out, but the session ended. */
  | { readonly is: 'signed out'; readonly person: SignIn; readonly problem: string };

export interface SessionOptions {
  readonly fetch: (
    url: string,
    init: { method: string; body?: URLSearchParams },
  ) => Promise<Pick<Response, 'ok' | 'status' | 'json'>>;
  /** Called with each new state and its token. */
  readonly onChange: (state: SessionState, token: string | undefined) => void;
  /** The current time in milliseconds. */
  readonly now?: () => number;
  readonly setTimer?: (work: () => void, ms: number) => unknown;
  readonly clearTimer?: (timer: never) => void;
}

export interface ExplorerSession {
  signIn(person: SignIn): Promise<void>;
  signOut(): void;
  /**
   * A valid token, or undefined for an anonymous user.
   * @throws Error when the token has expired and cannot be renewed now
   */
  token(): Promise<string | undefined>;
  /** Reports that the router refused this token. Resolves to another token, or undefined when there is none. */
  refused(token: string): Promise<string | undefined>;
}

export function createSession(options: SessionOptions): ExplorerSession;
