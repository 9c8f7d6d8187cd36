import { globSync } from 'node:fs';
import path from 'node:path';
import type { Person } from './network.ts';

/** An object with a global id. */
export interface Thing {
  readonly id: string;
  /** A field of the object's type, and its value. */
  readonly field: string;
  readonly says: unknown;
  /** The field of the query type that returns the same object. */
  readonly root?: string;
  /**
   * Who may read the object. `owner`: the person for whom the case was made, and administrators. `maker`: only that
   * person. `members`: the members of the team.
   */
  readonly seenBy: 'everybody' | 'members' | 'owner' | 'maker';
}

/**
 * The case of a mutation whose input has a client id: a first input, and other values for the fields of its content.
 */
export interface Write {
  /** The name of the client id's field. */
  readonly clientId: string;
  readonly input: Record<string, unknown>;
  /**
   * Fields with whose values the client id is unique. With another value in one of them, the same id may be used again.
   */
  readonly within: readonly string[];
  readonly others: Readonly<Record<string, unknown>>;
  /** Fields that are not compared: a repeat with another value in one of them counts as the same request. */
  readonly beside?: readonly string[];
  /** The field of the payload that identifies the object. */
  readonly object: string;
}

/** A mutation with its input. */
type Brought = readonly [field: string, type: string, input: object];

/**
 * Test cases of one subgraph for specs of the whole product: `subgraphs/<name>/cases.fixture.ts` exports it as `cases`.
 * Cases that need several subgraphs are in the specs themselves.
 */
export interface Cases {
  /** For product/borders.spec.ts. */
  readonly borders: {
    /** A query that answers a guest with data. */
    readonly guest: string;
    /** Operations that need a signed-in user. */
    readonly viewer: readonly string[];
  };
  /** For test/e2e/node: one object of each type with a global id, by type. */
  nodes?(owner: Person): Promise<Readonly<Record<string, Thing>>>;
  /**
   * For test/attack/cursors.spec.ts: lists with at least two rows, by their coordinate in the schema. The query has
   * `PAGE` in place of the arguments.
   */
  lists?(owner: Person): Promise<readonly (readonly [coordinate: string, query: string])[]>;
  /** For test/attack/names.spec.ts: every input text that is a name, and the mutation that sends it. */
  readonly names?: Readonly<Record<string, (value: string, owner: Person) => Brought | Promise<Brought>>>;
  /** For test/attack/names.spec.ts: every input text that is not a name, and the rule that applies to it. */
  readonly texts?: Readonly<Record<string, string>>;
  /** For test/e2e/client-ids, by mutation. */
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
