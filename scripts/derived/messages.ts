import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { z } from 'zod';
import { EventDefinition, JobDefinition, SnapshotDefinition } from '../../platform/messaging/definitions.ts';
import type { Subgraph } from '../../platform/manifest/manifest.ts';
import { table, withSection } from './section.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** How a subgraph handles a message. `message` is the message's exported constant in schema/messages/. */
export interface Consumer {
  readonly subgraph: string;
  /** For an event: the consumer group. For a job: how many jobs one process works on at the same time. */
  readonly how: string;
  readonly message: string;
}

type Definition = EventDefinition<unknown> | JobDefinition<unknown>;

interface Documented {
  readonly definition: Definition;
  /** The exported name, which consumers import. */
  readonly name: string;
  readonly says: string;
}

/** The first sentence of the doc comment of each constant in a file of schema/messages/, by the constant's name. */
export function commentsIn(text: string): Map<string, string> {
  const source = ts.createSourceFile('messages.ts', text, ts.ScriptTarget.Latest, true);
  return new Map(
    source.statements.filter(ts.isVariableStatement).flatMap((statement) => {
      const comment = ts
        .getJSDocCommentsAndTags(statement)
        .map(({ comment: body }) => ts.getTextOfJSDocComment(body) ?? '')
        .join(' ')
        .replaceAll(/\s+/g, ' ')
        .trim();
      const [sentence = ''] = /^.*?[.:](?= |$)/.exec(comment) ?? [comment];
      return statement.declarationList.declarations.map(
        ({ name }) => [name.getText(), sentence.replace(/:$/, '.')] as const,
      );
    }),
  );
}

/**
 * The consumers that a subgraph's consumers.ts declares. The file is parsed, not executed.
 * @throws Error for a call of `group`, `notice` or `worker` with arguments that are neither literals nor constants of
 *   the file
 */
export function consumersIn(text: string, subgraph: string): Consumer[] {
  const source = ts.createSourceFile('consumers.ts', text, ts.ScriptTarget.Latest, true);
  const found: Consumer[] = [];
  const unread = (node: ts.Node): Error =>
    new Error(
      `subgraphs/${subgraph}/consumers.ts:${source.getLineAndCharacterOfPosition(node.pos).line + 1}: write the names and the list out, docs/events.md is made from them`,
    );
  const constants = new Map(
    source.statements
      .filter(ts.isVariableStatement)
      .flatMap(({ declarationList }) => declarationList.declarations)
      .map(({ name, initializer }) => [name.getText(), initializer] as const),
  );
  const literal = (argument: ts.Expression | undefined, call: ts.Node): string => {
    const node = argument && ts.isIdentifier(argument) ? constants.get(argument.text) : argument;
    if (!node || !(ts.isStringLiteral(node) || ts.isNumericLiteral(node))) throw unread(call);
    return node.text;
  };
  const identifier = (node: ts.Expression | undefined, call: ts.Node): string => {
    if (!node || !ts.isIdentifier(node)) throw unread(call);
    return node.text;
  };
  const handled = (list: ts.Expression | undefined, by: readonly string[], call: ts.Node): string[] => {
    if (!list || !ts.isArrayLiteralExpression(list)) throw unread(call);
    return list.elements.map((element) => {
      if (!ts.isCallExpression(element) || !by.includes(element.expression.getText())) throw unread(call);
      return identifier(element.arguments[0], call);
    });
  };
  const visit = (node: ts.Node): void => {
    if (
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      node.expression.expression.getText().endsWith('consumers')
    ) {
      const [first, second, third] = node.arguments;
      const add = (messages: readonly string[], how: string): unknown =>
        found.push(...messages.map((message) => ({ subgraph, how, message })));
      if (node.expression.name.text === 'group')
        add(handled(third, ['consume', 'consumeAll'], node), `group \`${literal(first, node)}\``);
      else if (node.expression.name.text === 'notice')
        add([identifier(second, node)], `group \`${literal(first, node)}\`, which learns only the key`);
      else if (node.expression.name.text === 'worker')
        add(handled(third, ['work'], node), `worker, ${literal(second, node)} at the same time`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

interface Json {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly anyOf?: readonly Json[];
  readonly oneOf?: readonly Json[];
  readonly items?: Json;
  readonly properties?: Readonly<Record<string, Json>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
}

/**
 * A payload's type in TypeScript syntax. `uuid`, `date-time` and `email` mean strings of that format, `integer` a whole
 * number.
 * @throws Error for a kind of type that this function cannot write
 */
export const payloadText = (payload: z.ZodType): string => typeText(z.toJSONSchema(payload) as Json);

function typeText(schema: Json, indent = ''): string {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map((choice) => typeText(choice, indent)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.type === 'array') {
    const item = typeText(schema.items ?? {}, indent);
    return item.includes(' | ') && !item.startsWith('{') ? `(${item})[]` : `${item}[]`;
  }
  if (schema.type === 'object' && schema.properties) {
    const fields = Object.entries(schema.properties).map(
      ([name, field]) =>
        `${indent}  ${name}${schema.required?.includes(name) ? '' : '?'}: ${typeText(field, `${indent}  `)};\n`,
    );
    return `{\n${fields.join('')}${indent}}`;
  }
  if (schema.format) return schema.format;
  if (schema.type === 'integer' && (schema.minimum ?? Number.MIN_SAFE_INTEGER) > Number.MIN_SAFE_INTEGER)
    return `integer from ${schema.minimum}`;
  if (schema.type) return [schema.type].flat().join(' | ');
  throw new Error(
    `docs/events.md has no words for a payload's ${JSON.stringify(schema)}; add them in scripts/derived/messages.ts`,
  );
}

const files = readdirSync(path.join(ROOT, 'schema/messages'))
  .filter((name) => /^[a-z-]+\.ts$/.test(name) && name !== 'index.ts')
  .sort();
const modules = new Map(
  await Promise.all(
    files.map(
      async (file) =>
        [file, (await import(`../../schema/messages/${file}`)) as Readonly<Record<string, unknown>>] as const,
    ),
  ),
);

/** All messages of schema/messages/ with their doc comments. @throws Error for a message without a doc comment */
function documented(): Documented[] {
  return [...modules].flatMap(([file, module]) => {
    const comments = commentsIn(readFileSync(path.join(ROOT, 'schema/messages', file), 'utf8'));
    return Object.entries(module).flatMap(([name, definition]): Documented[] => {
      if (!(definition instanceof EventDefinition || definition instanceof JobDefinition)) return [];
      const says = comments.get(name);
      if (!says) throw new Error(`schema/messages/${file}: ${name} has no doc comment`);
      return [{ definition, name, says }];
    });
  });
}

const nameOf = (one: unknown): string | undefined =>
  [...modules.values()].flatMap((module) => Object.entries(module)).find(([, other]) => other === one)?.[0];
const channelOf = (definition: Definition): Subgraph['topics'][number] | Subgraph['queues'][number] =>
  definition instanceof JobDefinition ? definition.queue : definition.topic;
const kindOf = (definition: Definition): string =>
  definition instanceof JobDefinition ? 'job' : definition instanceof SnapshotDefinition ? 'snapshot' : 'event';

/** Puts the current tables of messages and consumers, and every payload, into the text of docs/events.md. */
export function eventsWith(text: string, subgraphs: readonly Subgraph[]): string {
  const consumers = subgraphs.flatMap(({ name }) => {
    try {
      return consumersIn(readFileSync(path.join(ROOT, 'subgraphs', name, 'consumers.ts'), 'utf8'), name);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  });
  const messages = subgraphs.flatMap(({ name: owner, topics, queues }) =>
    documented()
      .filter(({ definition }) => [...topics, ...queues].some((own) => own === channelOf(definition)))
      .map((message) => ({ ...message, owner })),
  );
  const rows = messages.map(({ definition, name, owner }) => {
    const job = definition instanceof JobDefinition;
    const handlers = consumers.filter(
      ({ message }) =>
        message === name || (kindOf(definition) === 'event' && message === nameOf(channelOf(definition))),
    );
    return [
      `\`${definition.label}\``,
      kindOf(definition),
      owner,
      `\`${channelOf(definition).name}\``,
      job ? '' : `\`${definition.keyField}\``,
      String(definition.version),
      handlers
        .map(({ subgraph, how }) => (how === `group \`${subgraph}\`` ? subgraph : `${subgraph} (${how})`))
        .join('; '),
    ];
  });
  const payloads = messages.map(
    ({ definition, says }) =>
      `### ${definition.label}\n\n${says}\n\n\`\`\`text\n${payloadText(definition.payload)}\n\`\`\`\n`,
  );
  const overview = table(['message', 'kind', 'owner', 'topic or queue', 'key', 'version', 'consumers'], rows);
  return withSection(text, 'messages', `${overview}## Payloads\n\n${payloads.join('\n')}\n`);
}
