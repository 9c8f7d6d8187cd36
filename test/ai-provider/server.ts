import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { answerTo } from './answers.ts';

/** The scenarios: for each name, how the provider answers a request. */
export const SCENARIOS = {
  ok: 'a right answer',
  fenced: 'a right answer inside of a Markdown fence',
  refused: 'the safety filter stops the answer',
  blocked: 'the safety filter blocks the prompt',
  busy: '429, with a wait of 2 s',
  busyLong: '429, with a wait of 120 s',
  failed: '500',
  away: '503',
  slow: 'a right answer, a few words at a time',
  silent: 'the headers, and then nothing',
  broken: 'the connection ends in the middle of the stream',
  garbled: 'a stream with an event that is no JSON',
  nonsense: 'text that is no JSON',
  cut: 'an answer that ends at the length limit',
  huge: 'an answer of 1 MB',
  wrong: 'an object that the schema does not allow',
} as const;
export type Scenario = keyof typeof SCENARIOS;

/** A request that the provider got. */
export interface Received {
  readonly path: string;
  readonly system: string;
  /** The text of the user. */
  readonly data: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly apiKey: string | undefined;
}

/** How to answer the next request: a scenario, an answer, or a function that returns one of the two. */
export type Next =
  Scenario | { readonly answer: unknown } | ((received: Received) => { readonly answer: unknown } | Scenario);

const generateBody = z.looseObject({
  systemInstruction: z.looseObject({ parts: z.array(z.looseObject({ text: z.string().optional() })) }).optional(),
  contents: z.array(z.looseObject({ parts: z.array(z.looseObject({ text: z.string().optional() })) })),
  generationConfig: z.looseObject({ maxOutputTokens: z.int().optional() }).optional(),
});

export interface AiProvider {
  readonly url: string;
  /** The environment of a product that uses this provider. */
  readonly env: { readonly GOOGLE_API_KEY: string; readonly AI_PROVIDER_URL: string };
  /** The newest requests, at most 1000. */
  readonly received: Received[];
  /**
   * Sets the answers to the next requests, in this order. Later requests get the answer that {@link always} has set.
   */
  next(...scenarios: readonly Next[]): void;
  /** Sets the answer to every request for which {@link next} has set none. */
  always(scenario: Next): void;
  /** The pause between the parts of a stream in milliseconds. */
  pauseMs: number;
  close(): Promise<void>;
}

const MOST_RECEIVED = 1000;
const MAX_BODY = 1_000_000;

/**
 * Starts a server with the HTTP API of the Gemini models (generateContent, and streamGenerateContent with `alt=sse`),
 * on loopback. Its answers are made from the data of the request, without a model.
 */
export async function startAiProvider({ port = 0, pauseMs = 0 } = {}): Promise<AiProvider> {
  let fallback: Next = 'ok';
  const queue: Next[] = [];
  const received: Received[] = [];
  const stopped = new AbortController();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (request.method === 'POST' && path === '/scenario') {
      const { name } = z.object({ name: z.enum(Object.keys(SCENARIOS) as Scenario[]) }).parse(await bodyOf(request));
      fallback = name;
      return json(response, 200, { name });
    }
    const [, method] = /^\/v1beta\/models\/[\w.-]+:(generateContent|streamGenerateContent)(?:\?.*)?$/.exec(path) ?? [];
    if (request.method !== 'POST' || method === undefined) return failWith(response, 404, 'NOT_FOUND', 'Not found');
    const apiKey = request.headers['x-goog-api-key'];
    if (typeof apiKey !== 'string') return failWith(response, 403, 'PERMISSION_DENIED', 'The API key is missing.');
    const parsed = generateBody.safeParse(await bodyOf(request));
    if (!parsed.success) return failWith(response, 400, 'INVALID_ARGUMENT', 'Invalid JSON payload received.');
    const { systemInstruction, contents } = parsed.data;
    const textOf = (parts: readonly { text?: string | undefined }[] = []): string =>
      parts.map(({ text }) => text ?? '').join('');
    const one: Received = {
      ...{ path, apiKey, body: parsed.data },
      system: textOf(systemInstruction?.parts),
      data: contents.map(({ parts }) => textOf(parts)).join('\n'),
    };
    received.push(one);
    if (received.length > MOST_RECEIVED) received.shift();
    const asked = queue.shift() ?? fallback;
    await answer(response, method === 'streamGenerateContent', one, typeof asked === 'function' ? asked(one) : asked);
  }

  async function answer(
    response: ServerResponse,
    isStream: boolean,
    one: Received,
    next: Scenario | { readonly answer: unknown },
  ): Promise<void> {
    if (next === 'busy' || next === 'busyLong') {
      response.setHeader('retry-after', next === 'busy' ? '2' : '120');
      return failWith(response, 429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota.');
    }
    if (next === 'failed') return failWith(response, 500, 'INTERNAL', `An internal error has occurred: ${one.data}`);
    if (next === 'away') return failWith(response, 503, 'UNAVAILABLE', 'The model is overloaded.');
    const usage = (output: number) => {
      const promptTokenCount = Math.ceil((one.system.length + one.data.length) / 4);
      return { promptTokenCount, candidatesTokenCount: output, totalTokenCount: promptTokenCount + output };
    };
    if (next === 'blocked') {
      const blocked = { promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: usage(0), modelVersion: 'local' };
      if (!isStream) return json(response, 200, blocked);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(event(blocked));
      return;
    }
    const { text, finishReason } = contentOf(one, next);
    const part = (content: string, finish?: string) => ({
      candidates: [
        {
          content: { role: 'model', parts: [{ text: content }] },
          index: 0,
          ...(finish === undefined ? {} : { finishReason: finish }),
        },
      ],
      usageMetadata: usage(Math.ceil(text.length / 4)),
      modelVersion: 'local',
    });
    if (!isStream) return json(response, 200, part(text, finishReason));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    if (next === 'silent') {
      await delay(600_000, undefined, { signal: stopped.signal }).catch(() => undefined);
      return;
    }
    const size = next === 'slow' ? 12 : text.length > 20_000 ? 65_536 : 40;
    const pause = next === 'slow' ? Math.max(provider.pauseMs, 20) : provider.pauseMs;
    for (let at = 0; at < text.length; at += size) {
      if (response.destroyed) return;
      const isLast = at + size >= text.length;
      if (next === 'broken' && at > text.length / 2) {
        response.destroy();
        return;
      }
      if (next === 'garbled' && at > text.length / 2) {
        response.end('data: {"candidates": [\r\n\r\n');
        return;
      }
      response.write(event(part(text.slice(at, at + size), isLast ? finishReason : undefined)));
      if (pause > 0) await delay(pause, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
    response.end();
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else failWith(response, 400, 'INVALID_ARGUMENT', 'Invalid request.');
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider: AiProvider = {
    url,
    env: { GOOGLE_API_KEY: 'local', AI_PROVIDER_URL: url },
    received,
    pauseMs,
    next: (...scenarios) => void queue.push(...scenarios),
    always: (scenario) => void (fallback = scenario),
    async close() {
      stopped.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return provider;
}

/** The text of an answer, and the reason why it ends, in the words of the API. */
function contentOf(
  { system, data }: Received,
  next: Scenario | { readonly answer: unknown },
): { text: string; finishReason: string } {
  if (typeof next === 'object')
    return { text: typeof next.answer === 'string' ? next.answer : JSON.stringify(next.answer), finishReason: 'STOP' };
  const right = JSON.stringify(answerTo(system, read(data)) ?? {});
  switch (next) {
    case 'fenced':
      return { text: `\`\`\`json\n${right}\n\`\`\`\n`, finishReason: 'STOP' };
    case 'refused':
      return { text: right.slice(0, 10), finishReason: 'SAFETY' };
    case 'nonsense':
      return { text: 'I am a teapot. '.repeat(10), finishReason: 'STOP' };
    case 'cut':
      return { text: right.slice(0, right.length / 2), finishReason: 'MAX_TOKENS' };
    case 'huge':
      return { text: JSON.stringify({ title: 'x'.repeat(1_000_000) }), finishReason: 'STOP' };
    case 'wrong':
      return { text: JSON.stringify({ answer: 42 }), finishReason: 'STOP' };
    default:
      return { text: right, finishReason: 'STOP' };
  }
}

function read(data: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(data) as Record<string, unknown>;
  } catch {
    return {};
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MAX_BODY) throw new Error('the body is too large');
  }
  return JSON.parse(text);
}

const event = (value: object): string => `data: ${JSON.stringify(value)}\r\n\r\n`;

function json(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

/** An error in the form of Google's APIs. */
const failWith = (response: ServerResponse, code: number, status: string, message: string): void =>
  json(response, code, { error: { code, message, status } });
