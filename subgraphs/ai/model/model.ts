import type { z } from 'zod';

/** What is asked of a language model. */
export interface ModelRequest {
  /** Instructions. They contain nothing that people wrote. */
  readonly system: string;
  /** The data, some of which people wrote. */
  readonly data: string;
  /** The form of the answer. */
  readonly schema: z.core.JSONSchema.BaseSchema;
  /** The model stops after this many tokens. */
  readonly maxTokens: number;
  /** The call fails with UNUSABLE when the answer has more characters. */
  readonly maxCharacters: number;
  readonly signal: AbortSignal;
  /**
   * Called whenever text arrives, with the value of the answer so far: texts, lists and objects may be incomplete.
   * An error that it throws ends the call.
   */
  onPartial?(value: unknown): void;
}

/** A complete answer. */
export interface ModelAnswer {
  readonly text: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A language model. */
export interface Model {
  /** Generates an answer. @throws ModelError; the reason of the signal; the error that `onPartial` threw */
  generate(request: ModelRequest): Promise<ModelAnswer>;
}

export type ModelFault = 'PROVIDER_BUSY' | 'PROVIDER_FAILED' | 'REFUSED' | 'CUT' | 'UNUSABLE';

/**
 * The error when the model gave no usable answer. The error's message has neither prompt nor answer, so it may be
 * logged.
 */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly fault: ModelFault;
  /** How long the provider asks to wait. Milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Tokens that the failed answer cost, if the provider said so. */
  readonly tokens: { readonly input: number; readonly output: number };

  constructor(
    fault: ModelFault,
    message: string,
    {
      retryAfterMs,
      inputTokens = 0,
      outputTokens = 0,
    }: {
      readonly retryAfterMs?: number | undefined;
      readonly inputTokens?: number;
      readonly outputTokens?: number;
    } = {},
  ) {
    super(message);
    this.fault = fault;
    this.retryAfterMs = retryAfterMs;
    this.tokens = { input: inputTokens, output: outputTokens };
  }
}

export const MODEL = Symbol('Model');
