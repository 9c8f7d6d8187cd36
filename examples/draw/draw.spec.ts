// The pictures: of invented brackets and names, and of tournaments of the API.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { startDemo } from '../../product/demo.ts';
import { openProduct } from '../../product/product.fixture.ts';
import { until } from '../../test/network/until.ts';
import { drawBracket, type Round, type Slot } from './bracket.ts';
import { drawTournament } from './draw.ts';
import type { StagePart } from './generated/graphql.ts';
import { escape, shortened, svg } from './svg.ts';
import { drawTables } from './table.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const TAG = /<\/?[a-z]+(?: [a-zA-Z0-9-]+="[^"<]*")*\/?>/g;
const PLAIN: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const plain = (escaped: string): string =>
  escaped.replace(/&([a-z#0-9]+);/g, (_, name: string) => PLAIN[name] ?? assert.fail(name));

/** The texts of a picture. @throws when it is no well-formed XML */
function textsOf(content: string): string[] {
  const body = content.slice(content.indexOf('<rect'), content.lastIndexOf('</svg>'));
  const open: string[] = [];
  for (const [tag] of body.matchAll(TAG))
    if (tag.startsWith('</')) assert.equal(open.pop(), tag.slice(2, -1));
    else if (!tag.endsWith('/>')) open.push(/^<([a-z]+)/.exec(tag)?.[1] ?? '');
  assert.deepEqual(open, []);
  assert.doesNotMatch(body.replace(TAG, ''), /[<>]|&(?!(?:amp|lt|gt|quot|#39);)/);
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(content, /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
  assert.ok(content.isWellFormed());
  return [...content.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, of = '']) => plain(of));
}
const valuesOf = (content: string, name: string): string[] =>
  [...content.matchAll(new RegExp(` ${name}="([^"]*)"`, 'g'))].map(([, value = '']) => value);

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const side = fc.record({
  team: fc.option(fc.record({ name })),
  label: fc.option(name),
  score: fc.option(fc.nat(20)),
  shootout: fc.constant(null),
  won: fc.option(fc.boolean()),
});

/** Brackets with byes, ties of two legs, a losers' bracket with finals, or a match for the third place. */
const bracket = fc
  .record({
    rounds: fc.integer({ min: 1, max: 4 }),
    isDouble: fc.boolean(),
    byes: fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }),
    legs: fc.boolean(),
    sides: fc.array(side, { minLength: 1, maxLength: 10 }),
    label: name,
    picks: fc.array(fc.nat(1000), { minLength: 64, maxLength: 64 }),
  })
  .map(({ rounds, isDouble, byes, legs, sides, label, picks }) => {
    const slots: Slot[] = [];
    const sideOf = (index: number) => sides[index % sides.length]!;
    const add = (part: StagePart, round: number, position: number, isTie: boolean): void => {
      for (const leg of isTie ? [1, 2] : [null])
        slots.push({
          id: `${part}-${round}-${position}${leg === 1 ? '-first' : ''}`,
          ...{ part, round, position, leg, label, state: 'WAITING' },
          ...{ winnerTo: null, kickoffAt: null, match: null },
          home: sideOf(slots.length),
          away: sideOf(slots.length + 1),
        });
    };
    for (let round = 1; round <= rounds; round++)
      for (let position = 1; position <= 2 ** (rounds - round); position++)
        if (round > 1 || !byes[position] || rounds === 1) add('WINNERS', round, position, legs && round < rounds);
    if (isDouble) {
      for (let round = 1; round < rounds; round++)
        for (let position = 1; position <= 2 ** (rounds - 1 - round); position++) add('LOSERS', round, position, false);
      add('FINAL', 1, 1, false);
      add('FINAL', 2, 1, false);
    } else if (rounds > 1) add('THIRD_PLACE', 1, 1, false);
    const first = (part: StagePart, round: number, position: number): string | null =>
      slots.find((slot) => slot.part === part && slot.round === round && slot.position === position)?.id ?? null;
    const linked = slots.map((slot): Slot => {
      const { part, round, position, leg } = slot;
      if (leg === 1 || part === 'FINAL' || part === 'THIRD_PLACE') return slot;
      const winnerTo = first(part, round + 1, Math.ceil(position / 2)) ?? (isDouble ? first('FINAL', 1, 1) : null);
      return { ...slot, winnerTo };
    });
    const shuffled = linked
      .map((slot, index) => ({ slot, at: picks[index % picks.length]! }))
      .sort((a, b) => a.at - b.at)
      .map(({ slot }) => slot);
    const names: Round[] = [];
    for (const { part, round } of linked)
      if (!names.some((one) => one.part === part && one.number === round))
        names.push({ part, number: round, name: `${part} ${round}` });
    return { slots: shuffled, rounds: names };
  });

describe('a picture of a bracket', () => {
  it('has each slot once and over no other, and a line along each winnerTo', () => {
    fc.assert(
      fc.property(bracket, name, ({ slots, rounds }, title) => {
        const content = svg(drawBracket(title, slots, rounds, 'Europe/Berlin'), title);
        const texts = textsOf(content);
        assert.deepEqual(valuesOf(content, 'data-slot').sort(), slots.map(({ id }) => id).sort());
        const links = slots.flatMap(({ id, winnerTo }) => (winnerTo ? [`${id} ${winnerTo}`] : []));
        const to = valuesOf(content, 'data-to');
        assert.deepEqual(
          valuesOf(content, 'data-from')
            .map((id, index) => `${id} ${to[index]}`)
            .sort(),
          links.sort(),
        );
        for (const { home, away } of slots)
          for (const { team, label } of [home, away])
            assert.ok(texts.includes(shortened(clean(team?.name ?? label ?? 'open'), 22)));
        for (const round of rounds) assert.equal(texts.filter((text) => text === round.name).length, 1);
        const boxes = [...content.matchAll(/<rect x="([\d.-]+)" y="([\d.-]+)" width="230"/g)].map(
          ([, x, y]) => [Number(x), Number(y)] as const,
        );
        assert.equal(boxes.length, slots.length);
        for (const [index, [x, y]] of boxes.entries())
          for (const [otherX, otherY] of boxes.slice(index + 1))
            assert.ok(Math.abs(x - otherX) >= 230 || Math.abs(y - otherY) >= 70, `${x},${y} ${otherX},${otherY}`);
        const [, width, height] = /width="([\d.]+)" height="([\d.]+)"/.exec(content) ?? [];
        for (const [x, y] of boxes) assert.ok(x >= 0 && y >= 0 && x + 230 < Number(width) && y + 52 < Number(height));
        // Each line ends to the right of its beginning.
        for (const [, x, end] of content.matchAll(/ d="M([\d.-]+) [\d.-]+H[\d.-]+V[\d.-]+H([\d.-]+)"/g))
          assert.ok(Number(x) < Number(end));
      }),
      { numRuns: 300 },
    );
  });
});

/** The text as a picture shows it: characters that XML cannot have are replaced. */
const clean = (given: string): string => plain(escape(given));

describe('a picture of tables', () => {
  const row = fc.record({
    rank: fc.integer({ min: 1, max: 64 }),
    team: fc.option(fc.record({ name })),
    ...{ played: fc.nat(99), won: fc.nat(99), drawn: fc.nat(99), lost: fc.nat(99) },
    ...{ scoreFor: fc.nat(999), scoreAgainst: fc.nat(999), points: fc.integer({ min: -99, max: 99 }) },
    ...{ tied: fc.boolean(), provisional: fc.boolean() },
    deductions: fc.array(fc.record({ points: fc.integer({ min: -9, max: 9 }), reason: name }), { maxLength: 2 }),
  });
  it('has each row, and escapes names', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ name, standings: fc.array(row, { maxLength: 6 }) }), { maxLength: 5 }),
        (tables) => {
          const texts = textsOf(svg(drawTables('Cup', tables), 'Cup'));
          for (const { name: title, standings } of tables) {
            assert.ok(texts.includes(clean(title)));
            for (const { team, scoreFor, scoreAgainst, deductions } of standings) {
              assert.ok(texts.includes(shortened(clean(team?.name ?? '?'), 22)));
              assert.ok(texts.includes(`${scoreFor}:${scoreAgainst}`));
              for (const { reason } of deductions) assert.ok(texts.some((text) => text.endsWith(`, ${clean(reason)}`)));
            }
          }
        },
      ),
    );
  });

  it('escapes markup, control characters and lone surrogates', () => {
    assert.equal(
      escape(`<a href='x'>"&"\u0000\ud800</a>`),
      '&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;\ufffd\ufffd&lt;/a&gt;',
    );
  });

  it('shortens by what people count as characters', () => {
    assert.equal(shortened('Северный ветер', 8), 'Северны…');
    assert.equal(shortened('👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 2), '👩‍👩‍👧‍👦…');
  });
});

describe('npm run draw', () => {
  let product: Awaited<ReturnType<typeof openProduct>>;
  let out: string;
  beforeAll(async () => {
    product = await openProduct({ demo: true });
    await startDemo(product, undefined, { stepMs: 0, stepMinutes: 10, celebrationMs: 600_000 });
    out = await mkdtemp(path.join(tmpdir(), 'draw-'));
  });
  afterAll(async () => {
    await product?.close();
    await rm(out, { recursive: true, force: true });
  });
  const url = () => `${product.origin}/graphql`;
  const command = async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(
      process.execPath,
      ['--import', path.join(ROOT, 'loader.mjs'), path.join(ROOT, 'examples/draw/draw.ts'), ...args],
      { cwd: ROOT, env: { PATH, HOME }, timeout: 60_000 },
    );
    let [said, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const [code] = (await once(child, 'close')) as [number];
    return { code, out: said, err };
  };

  it('draws the tables and the bracket of the demo cup from the API', async () => {
    const query =
      '{ tournaments(last: 1) { edges { node { id state stages(first: 2) { groups(first: 2) { standings { team { name } } } bracket { slots(first: 4) { label home { team { name } won } away { team { name } won } } } } } } } }';
    interface Node {
      readonly id: string;
      readonly state: string;
      readonly stages: readonly {
        readonly groups: readonly { readonly standings: readonly { readonly team: { readonly name: string } }[] }[];
        readonly bracket: {
          readonly slots: readonly Record<
            'home' | 'away',
            { readonly team: { readonly name: string }; readonly won: boolean }
          >[];
        } | null;
      }[];
    }
    const cup = await until(
      'the champion',
      async () => {
        const { data } = (await product.post(url(), { query })).body;
        const [edge] = (data as { tournaments: { edges: { node: Node }[] } }).tournaments.edges;
        return edge?.node.state === 'COMPLETED' && edge.node;
      },
      120_000,
    );
    const [groups, playOff, ...more] = await drawTournament(url(), cup.id);
    assert.ok(groups && playOff && more.length === 0);
    assert.deepEqual([groups.file, playOff.file], ['1-groups.svg', '2-play-off.svg']);
    const teams = textsOf(groups.content);
    for (const { standings } of cup.stages[0]?.groups ?? [])
      for (const { team } of standings) assert.equal(teams.filter((text) => text === team.name).length, 1);
    const slots = cup.stages[1]?.bracket?.slots ?? [];
    assert.equal(valuesOf(playOff.content, 'data-slot').length, 4);
    assert.equal(valuesOf(playOff.content, 'data-from').length, 2);
    const winners = slots.flatMap(({ home, away }) => [home, away]).filter(({ won }) => won);
    const strong = [...playOff.content.matchAll(/<text[^>]*class="strong">([^<]*)</g)].map(([, of]) => of);
    assert.deepEqual(strong.sort(), winners.map(({ team }) => team.name).sort());
  }, 180_000);

  it('finds a tournament by its name, writes the files, and says what is wrong', async () => {
    const done = await command('Yard Cup', '--url', product.origin, '--out', out);
    const files = ['1-groups.svg', '2-play-off.svg'].map((file) => path.join(out, file));
    assert.deepEqual([done.code, done.out.trim().split('\n')], [0, files], done.err);
    for (const file of files) assert.match(await readFile(file, 'utf8'), /^<\?xml .*<title>Yard Cup: /s);
    assert.equal((await command('--help')).code, 0);
    for (const args of [[], ['a', 'b'], ['a', '--url', 'nowhere'], ['a', '--nonsense']])
      assert.equal((await command(...args)).code, 2, args.join(' '));
    const none = await command('No Cup', '--url', product.origin);
    assert.deepEqual([none.code, none.err.trim()], [1, 'there is no tournament No Cup']);
  }, 120_000);
});
