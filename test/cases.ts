import { globSync } from 'node:fs';
import path from 'node:path';
import type { Person } from './network.ts';

/** Something with a global id. */
export interface Thing {
  readonly id: string;
  /** A field of its own, and what it says. */
  readonly field: string;
  readonly says: unknown;
  /** The field of the query type that gives the same. */
  readonly root?: string;
  /** `maker`: the owner alone, not even administrators. */
  readonly seenBy: 'everybody' | 'members' | 'owner' | 'maker';
}

/**
 * A mutation whose input has a client id, as it is sent first, and other values for all that its content is made of.
 */
export interface Write {
  /** The input's client id. */
  readonly clientId: string;
  readonly input: Record<string, unknown>;
  /** Where the client id counts: the same one elsewhere is another. */
  readonly within: readonly string[];
  readonly others: Readonly<Record<string, unknown>>;
  /** What in the payload tells one object from another. */
  readonly object: string;
}

/**
 * What specs of the whole product ask of one subgraph: `subgraphs/<name>/cases.fixture.ts` exports it as `cases`. What
 * needs several subgraphs is in the specs themselves.
 */
export interface Cases {
  /** For product/borders.spec.ts. */
  readonly borders: {
    /** A query that answers a guest with data. */
    readonly guest: string;
    /** Operations that want somebody who is signed in. */
    readonly viewer: readonly string[];
  };
  /** For test/e2e/node: one of each type with a global id, by the type. */
  nodes?(owner: Person): Promise<Readonly<Record<string, Thing>>>;
  /**
   * For test/attack/cursors.spec.ts: lists with two rows at least, by their place in the schema, as they are asked for
   * with `PAGE` for the arguments.
   */
  lists?(owner: Person): Promise<readonly (readonly [coordinate: string, query: string])[]>;
  /** For test/attack/names.spec.ts: every text of an input that is a name, and the mutation that brings it. */
  readonly names?: Readonly<Record<string, (value: string) => readonly [field: string, type: string, input: object]>>;
  /** The other texts, with the rule that they have. */
  readonly texts?: Readonly<Record<string, string>>;
  /** For test/e2e/client-ids, by the mutation. */
  readonly writes?: Readonly<Record<string, Write>>;
}

const ROOT = path.join(import.meta.dirname, '..');

/** The cases by subgraph. */
export async function allCases(): Promise<ReadonlyMap<string, Cases>> {
  const files = globSync('subgraphs/*/cases.fixture.ts', { cwd: ROOT }).sort();
  return new Map(
    await Promise.all(
      files.map(
        async (file) =>
          [
            path.basename(path.dirname(file)),
            ((await import(path.join(ROOT, file))) as { cases: Cases }).cases,
          ] as const,
      ),
    ),
  );
}
