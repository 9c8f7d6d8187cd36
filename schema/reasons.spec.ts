// The schema lists every reason for which a mutation may refuse, with its message. For any input, clients get only
// these reasons.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { pathToFileURL } from 'node:url';
import { buildASTSchema, buildSchema, isEnumType } from 'graphql';
import { z } from 'zod';
import { parseInput } from '../platform/graphql/input.ts';
import type { Reasons } from '../platform/graphql/reasons.ts';
import { UserErrors } from '../platform/graphql/user-errors.ts';
import { documentOf } from '../platform/subgraph/sdl.ts';
import { subgraphs } from '../subgraphs/registry.ts';

const ROOT = join(import.meta.dirname, '..');
const load = async (file: string): Promise<Record<string, unknown>> =>
  (await import(pathToFileURL(join(ROOT, file)).href)) as Record<string, unknown>;
const reasonsOf = async (name: string): Promise<Reasons> =>
  (await load(`subgraphs/${name}/reasons.ts`))['REASONS'] as Reasons;
const names = Object.keys(subgraphs);

/** The schemas of the mutations' inputs, by their names in the code: every argument of `parseInput`. */
async function inputsOf(name: string): Promise<Map<string, z.ZodType>> {
  const found = new Map<string, z.ZodType>();
  const used = new Set<string>();
  for (const file of globSync(`subgraphs/${name}/*.ts`, { cwd: ROOT }).filter(
    (path) => !/\.(spec|fixture)\.ts$/.test(path),
  )) {
    for (const [, schema = ''] of readFileSync(join(ROOT, file), 'utf8').matchAll(/parseInput\((\w+)/g))
      used.add(schema);
    for (const [key, value] of Object.entries(await load(file))) if (value instanceof z.ZodType) found.set(key, value);
  }
  assert.ok(used.size > 0, name);
  return new Map(
    [...used].map((key) => {
      const schema = found.get(key);
      assert.ok(schema, `${name}: ${key} is not exported, so nobody looks at what it complains of`);
      return [key, schema];
    }),
  );
}

const SECRET = 'planted-secret';
const JUNK: readonly unknown[] = [
  undefined,
  null,
  '',
  ' ',
  SECRET,
  SECRET.repeat(500),
  `${SECRET}\u0000`,
  `${SECRET}\u202e`,
  `${SECRET}\u200b`,
  '\u200b',
  `${SECRET}\u2028x`,
  `https://${SECRET}.example`,
  0,
  -1,
  -1e10,
  1e10,
  1e300,
  1.5,
  NaN,
  Infinity,
  10n,
  true,
  [],
  [SECRET],
  Array(5000).fill('FOOTBALL'),
  {},
  { [SECRET]: SECRET },
  new Date('1000-01-01'),
  new Date('3000-01-01'),
  new Date(NaN),
  Symbol(SECRET),
  () => SECRET,
];

/** A value that should fit the schema, and values that are wrong in one place each. */
function samplesOf(schema: z.core.$ZodType): { fits: unknown; wrong: unknown[] } {
  const { def } = schema._zod;
  if (schema instanceof z.ZodPipe) return samplesOf(schema.in);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return samplesOf(schema.def.innerType);
  if (schema instanceof z.ZodArray) {
    const inner = samplesOf(schema.element);
    return { fits: [inner.fits], wrong: [...JUNK, ...inner.wrong.map((one) => [inner.fits, one])] };
  }
  if (schema instanceof z.ZodEnum) return { fits: schema.options[0], wrong: [...JUNK] };
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries(schema.shape).map(([key, field]) => [key, samplesOf(field)] as const);
    const fits = Object.fromEntries(fields.map(([key, samples]) => [key, samples.fits]));
    const empty = Object.fromEntries(fields.map(([key]) => [key, undefined]));
    // A wrong value deeper inside gets no second sample without the other fields. Otherwise each level would double the
    // number of samples, and the stages of a tournament would need minutes.
    const wrong = fields.flatMap(([key, samples]) =>
      samples.wrong.flatMap((one) =>
        JUNK.includes(one)
          ? [
              { ...fits, [key]: one },
              { ...empty, [key]: one },
            ]
          : [{ ...fits, [key]: one }],
      ),
    );
    return { fits, wrong: [...JUNK, ...wrong] };
  }
  const fits = { string: 'abcdefgh', number: 1, int: 1, boolean: true, date: new Date('2026-06-01') }[
    def.type as string
  ];
  return { fits, wrong: [...JUNK] };
}

/** Finds words of messages of libraries, and of values that clients must not see. */
const NOT_OURS = /invalid|expected|received|undefined|NaN|\bnull\b|object Object|zod|regex|unrecognized|[{}]/i;

describe('the reasons of user errors', () => {
  for (const name of names) {
    it(`of ${name} are those of its schema, with code and message`, async () => {
      const schema = buildASTSchema(documentOf(name), { assumeValid: true, assumeValidSDL: true });
      const type = schema.getType('UserErrorReason');
      assert.ok(isEnumType(type));
      const table = Object.entries(await reasonsOf(name)).map(([reason, [code, message]]) => [
        reason,
        `${code}: ${message.replaceAll(/\{(\w+)\}/g, '`$1`')}`,
      ]);
      assert.deepEqual(
        type.getValues().map(({ name: reason, description }) => [reason, description]),
        table,
      );
    });
  }

  it('have one meaning in all subgraphs, and are all in the API', async () => {
    const all = new Map<string, string>();
    for (const name of names) {
      for (const [reason, said] of Object.entries(await reasonsOf(name))) {
        assert.equal(all.get(reason) ?? said.join(), said.join(), reason);
        all.set(reason, said.join());
      }
    }
    const type = buildSchema(readFileSync(join(ROOT, 'schema/api.graphql'), 'utf8')).getType('UserErrorReason');
    assert.ok(isEnumType(type));
    assert.deepEqual(
      type
        .getValues()
        .map(({ name: reason }) => reason)
        .sort(),
      [...all.keys()].sort(),
    );
  });

  it('name administrators wherever they have the right too', async () => {
    // Administrators send no mailings for others, do not write in the rooms of teams, and enter only invited teams.
    const others = ['MAY_NOT_MAIL', 'MEMBERS_ONLY', 'NOT_INVITED'];
    for (const name of names)
      for (const [reason, [code, message]] of Object.entries(await reasonsOf(name)))
        if (code === 'FORBIDDEN' && /\bonly\b/.test(message) && !others.includes(reason))
          assert.match(message, /\badmin(istrators)?\b|who may record its events/, reason);
  });

  for (const name of names) {
    it(`are the only answers of ${name} to wrong inputs, and never repeat a value`, async () => {
      const reasons = await reasonsOf(name);
      const seen = new Set<string>();
      for (const [key, schema] of await inputsOf(name)) {
        for (const input of samplesOf(schema).wrong) {
          try {
            parseInput(schema, input);
          } catch (error) {
            assert.ok(error instanceof UserErrors, `${key}: ${String(error)}`);
            for (const { field, code, reason, params, message } of error.errors) {
              const [expected, template] = reasons[reason] ?? [];
              seen.add(reason);
              assert.equal(code, expected, `${key}: ${reason}`);
              assert.equal(
                message,
                params.reduce((text, param) => text.replace(`{${param.name}}`, param.value), template ?? ''),
              );
              assert.doesNotMatch(message, NOT_OURS);
              assert.ok(
                !JSON.stringify([params, message]).includes(SECRET) &&
                  params.every(({ value }) => typeof value === 'string'),
              );
              assert.ok(field === null || field.every((part) => typeof part === 'string'));
            }
          }
        }
      }
      assert.ok(seen.has('REQUIRED') && seen.has('WRONG_TYPE') && !seen.has('MALFORMED'), [...seen].join());
    });
  }
});
