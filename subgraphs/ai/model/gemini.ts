import { createRequire } from 'node:module';
import type { ModelSettings } from '../../../platform/model/settings.ts';
import { withBoundedFetch } from './bounded-fetch.ts';
import { withoutFence } from './json.ts';
import { type Model, type ModelAnswer, ModelError, type ModelRequest } from './model.ts';

const GOOGLE = 'https://generativelanguage.googleapis.com';
/**
 * The largest number of bytes of a response for an answer of this number of characters. A character may take 6 bytes of
 * UTF-8 in JSON, and the provider repeats its metadata in each part of a stream.
 */
const bytesFor = (characters: number): number => characters * 20 + 65_536;

interface Opened {
  readonly genkit: ReturnType<(typeof import('genkit'))['genkit']>;
  readonly parsePartialJson: (text: string) => unknown;
}

/**
 * A model of the Gemini API. It is called with Genkit and Genkit's Google plugin, which load with the first call. Both
 * are loaded as CommonJS: `overrides` of package.json replace packages that they import but never use, and the
 * replacements have no ES exports.
 */
export class GeminiModel implements Model {
  readonly #settings: ModelSettings & { readonly apiKey: string };
  #opened: Opened | undefined;

  constructor(settings: ModelSettings & { readonly apiKey: string }) {
    this.#settings = settings;
  }

  async generate(request: ModelRequest): Promise<ModelAnswer> {
    const { signal, maxCharacters } = request;
    signal.throwIfAborted();
    const url = this.#settings.url ?? GOOGLE;
    const ended = new AbortController();
    let failure: unknown;
    const fail = (error: unknown): void => {
      failure ??= error;
      ended.abort();
    };
    const bound = {
      origin: new URL(url).origin,
      maxBytes: bytesFor(maxCharacters),
      onTooLarge: () => fail(new ModelError('UNUSABLE', 'the answer is too long')),
    };
    try {
      const answer = await withBoundedFetch(bound, () =>
        this.#ask(request, AbortSignal.any([signal, ended.signal]), fail),
      );
      if (failure !== undefined) throw failure;
      return answer;
    } catch (error) {
      if (failure !== undefined) throw failure;
      signal.throwIfAborted();
      throw toModelError(error);
    }
  }

  async #ask(
    { system, data, schema, maxTokens, maxCharacters, onPartial }: ModelRequest,
    abortSignal: AbortSignal,
    fail: (error: unknown) => void,
  ): Promise<ModelAnswer> {
    const { genkit, parsePartialJson } = this.#open();
    const { stream, response } = genkit.generateStream({
      model: `googleai/${this.#settings.model}`,
      system,
      prompt: data,
      // Only the provider gets the schema. Genkit would report an answer that was cut as one that breaks the schema.
      output: { format: 'json' },
      config: { maxOutputTokens: maxTokens, temperature: 0.4, responseJsonSchema: schema },
      abortSignal,
    });
    // The stream throws the same error. An unhandled rejection of this promise would end the process.
    response.catch(() => undefined);
    let text = '';
    for await (const chunk of stream) {
      // After an abort, the rest of the stream is read but ignored: an error of the stream that nobody reads would end
      // the process.
      if (abortSignal.aborted) continue;
      text += chunk.text;
      try {
        if (text.length > maxCharacters) throw new ModelError('UNUSABLE', 'the answer is too long');
        if (onPartial) onPartial(partialOf(text, parsePartialJson));
      } catch (error) {
        fail(error);
      }
    }
    const { finishReason, usage } = await response;
    const tokens = { inputTokens: usage.inputTokens ?? 0, outputTokens: usage.outputTokens ?? 0 };
    if (finishReason === 'length') throw new ModelError('CUT', 'the answer was cut at the length limit', tokens);
    if (finishReason === 'blocked') throw new ModelError('REFUSED', 'the provider blocked the answer', tokens);
    if (finishReason !== 'stop')
      throw new ModelError('PROVIDER_FAILED', `the answer ended for the reason ${finishReason}`, tokens);
    return { text, ...tokens };
  }

  #open(): Opened {
    if (this.#opened) return this.#opened;
    const require = createRequire(import.meta.url);
    const { genkit } = require('genkit') as typeof import('genkit');
    const { logger } = require('genkit/logging') as typeof import('genkit/logging');
    const { disableGenkitOTelInitialization } = require('genkit/tracing') as typeof import('genkit/tracing');
    const { parsePartialJson } = require('genkit/extract') as typeof import('genkit/extract');
    const { googleAI } = require('@genkit-ai/google-genai') as typeof import('@genkit-ai/google-genai');
    // Genkit would log the provider's errors, which repeat parts of the prompt, and collect prompts and answers in
    // traces.
    logger.init(SILENT);
    disableGenkitOTelInitialization();
    const { apiKey, url } = this.#settings;
    this.#opened = {
      genkit: genkit({ plugins: [googleAI({ apiKey, ...(url === undefined ? {} : { baseUrl: url }) })] }),
      parsePartialJson,
    };
    return this.#opened;
  }
}

function partialOf(text: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(withoutFence(text));
  } catch {
    return undefined;
  }
}

const nothing = (): void => undefined;
const SILENT = { level: 'error', debug: nothing, info: nothing, warn: nothing, error: nothing, shouldLog: () => false };

/**
 * A ModelError for an error of Genkit or its plugin. Their messages are left out: they may repeat the prompt or answer.
 */
function toModelError(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  const { name, status, detail, responseMetadata } = error as {
    readonly name?: string;
    readonly status?: string;
    readonly detail?: { readonly response?: { readonly finishReason?: string } };
    readonly responseMetadata?: { readonly retryAfterMs?: number };
  };
  if (detail?.response?.finishReason === 'blocked') return new ModelError('REFUSED', 'the provider blocked the answer');
  // The plugin throws this when the provider blocked the prompt: then there is no candidate.
  if (status === 'FAILED_PRECONDITION') return new ModelError('REFUSED', 'the provider gave no answer');
  if (status === 'RESOURCE_EXHAUSTED')
    return new ModelError('PROVIDER_BUSY', 'the provider has too many requests', responseMetadata ?? {});
  return new ModelError('PROVIDER_FAILED', `the call of the provider failed: ${status ?? name ?? 'unknown error'}`);
}
