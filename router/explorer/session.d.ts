import type { SignIn } from './explorer.ts';

export type SessionState =
  | { readonly is: 'guest' }
  | { readonly is: 'signing in'; readonly person: SignIn }
  /** `problem`: why the token, which is about to run out, could not be renewed yet. */
  | { readonly is: 'signed in'; readonly person: SignIn; readonly problem?: string }
  /** Not by the person's wish. */
  | { readonly is: 'signed out'; readonly person: SignIn; readonly problem: string };

export interface SessionOptions {
  readonly fetch: (
    url: string,
    init: { method: string; body?: URLSearchParams },
  ) => Promise<Pick<Response, 'ok' | 'status' | 'json'>>;
  /** Gets each new state, and the token that belongs to it. */
  readonly onChange: (state: SessionState, token: string | undefined) => void;
  /** Milliseconds. */
  readonly now?: () => number;
  readonly setTimer?: (work: () => void, ms: number) => unknown;
  readonly clearTimer?: (timer: never) => void;
}

export interface ExplorerSession {
  signIn(person: SignIn): Promise<void>;
  signOut(): void;
  /**
   * A token that is good now; undefined for a guest. @throws Error when it has run out and cannot be renewed at the
   * moment
   */
  token(): Promise<string | undefined>;
  /** The router has refused this token, whatever its time says: gives another one, undefined when there is none. */
  refused(token: string): Promise<string | undefined>;
}

export function createSession(options: SessionOptions): ExplorerSession;
