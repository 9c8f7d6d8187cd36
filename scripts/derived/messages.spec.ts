import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from '@jest/globals';
import { z } from 'zod';
import { events, jobs } from '../../schema/messages/index.ts';
import { subgraphs } from '../../subgraphs/registry.ts';
import { commentsIn, consumersIn, eventsWith, payloadText } from './messages.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const SECTION = 'Written by hand.\n<!-- generated: messages -->\nold\n<!-- end of messages -->\n';

describe('docs/events.md', () => {
  it("names each message's consumers, and how they handle it", () => {
    const source = `export const LETTERS_AT_ONCE = 3;
    class C { constructor(consumers: Consumers) {
      consumers.group('venues', prisma, [consume(VenueOpened, () => x), consumeAll(VenueSnapshot, async () => consume(x))]);
      this.consumers.notice('cache', Venues, (id) => forget(id));
      consumers.worker(Letters, LETTERS_AT_ONCE, [work(Letter, send)]);
    } }`;
    assert.deepEqual(consumersIn(source, 'venues'), [
      { subgraph: 'venues', how: 'group `venues`', message: 'VenueOpened' },
      { subgraph: 'venues', how: 'group `venues`', message: 'VenueSnapshot' },
      { subgraph: 'venues', how: 'group `cache`, which learns only the key', message: 'Venues' },
      { subgraph: 'venues', how: 'worker, 3 at the same time', message: 'Letter' },
    ]);
  });

  it('is refused, with the line, when a declaration cannot be parsed', () => {
    for (const call of [
      "group('a', prisma, list)",
      "group('a', prisma, [one])",
      "group('a', prisma, [consume(make(), f)])",
      'group(name, prisma, [consume(A, f)])',
      'notice(name, Venues, f)',
      'worker(Letters, n, [work(L, f)])',
    ]) {
      assert.throws(
        () => consumersIn(`//\nconsumers.${call};`, 'venues'),
        /subgraphs\/venues\/consumers\.ts:\d+: write the names/,
        call,
      );
    }
  });

  it('has the first sentence of each doc comment', () => {
    const comments = commentsIn(
      '/**\n * A venue is open:\n * people may come. And more.\n */\nexport const VenueOpened = 1;\n/** Version 1.2 of it. Really. */\nexport const Other = 2;\nexport const Bare = 3;',
    );
    assert.deepEqual(
      [...comments],
      [
        ['VenueOpened', 'A venue is open.'],
        ['Other', 'Version 1.2 of it.'],
        ['Bare', ''],
      ],
    );
  });

  it('has each field of a payload with its type', () => {
    const payload = z.object({
      id: z.uuid(),
      at: z.iso.datetime(),
      count: z.int().min(1),
      any: z.int(),
      name: z.string().nullable(),
      kinds: z.array(z.enum(['A', 'B'])),
      more: z.string().optional(),
    });
    assert.equal(
      payloadText(payload),
      '{\n  id: uuid;\n  at: date-time;\n  count: integer from 1;\n  any: integer;\n  name: string | null;\n  kinds: ("A" | "B")[];\n  more?: string;\n}',
    );
    assert.throws(() => payloadText(z.object({ what: z.unknown() })), /has no words for/);
  });

  it('has a row and a payload for every message, with its owner and its consumers', () => {
    const text = eventsWith(SECTION, Object.values(subgraphs));
    assert.match(text, /^Written by hand\.\n<!-- generated: messages -->\n/);
    assert.ok(!text.includes('old\n'));
    const rowOf = (label: string): string[] => text.split('\n').filter((line) => line.startsWith(`| \`${label}\` |`));
    for (const { label, version, topic, keyField } of events) {
      const owner = Object.values(subgraphs).find(({ topics }) => topics.includes(topic))?.name;
      assert.equal(rowOf(label).length, 1, label);
      assert.match(
        rowOf(label)[0] ?? '',
        new RegExp(`\\| (event|snapshot) \\| ${owner} \\| \`${topic.name}\` \\| \`${keyField}\` \\| ${version} \\|`),
      );
    }
    for (const { label, queue } of jobs)
      assert.match(rowOf(label)[0] ?? '', new RegExp(`\\| job \\| \\w+ \\| \`${queue.name}\` \\|`));
    for (const { label } of [...events, ...jobs])
      assert.match(text, new RegExp(`^### ${label}\n\n\\S.*\\.\n\n\`\`\`text\n\\{\n`, 'm'));
    const handled = Object.keys(subgraphs).flatMap((name) => {
      const file = path.join(ROOT, 'subgraphs', name, 'consumers.ts');
      return existsSync(file) ? consumersIn(readFileSync(file, 'utf8'), name) : [];
    });
    // A consumer that handles all events of a topic is in the row of each of these events.
    for (const { subgraph, how } of handled) {
      const isNamed = how !== `group \`${subgraph}\``;
      assert.match(text, isNamed ? new RegExp(`${subgraph} \\(${how}\\)`) : new RegExp(`[|;] ${subgraph}[ ;]`), how);
    }
  });

  it('has every consumer: only consumers.ts declares them', () => {
    const files = globSync('subgraphs/**/*.ts', { cwd: ROOT, exclude: (name) => name === 'generated' }).filter(
      (file) => !file.endsWith('.spec.ts'),
    );
    assert.deepEqual(
      files.filter(
        (file) =>
          path.basename(file) !== 'consumers.ts' &&
          /consumers\/(?:consumers|declare)\.ts'/.test(readFileSync(path.join(ROOT, file), 'utf8')),
      ),
      [],
    );
  });
});
