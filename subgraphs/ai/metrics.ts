import { Inject, Injectable } from '@nestjs/common';
import { MODEL_SETTINGS } from '../../platform/injection/tokens.ts';
import type { ModelSettings } from '../../platform/model/settings.ts';
import { Metrics } from '../../platform/observability/metrics.ts';

/** Buckets in seconds, up to the time limit of a generation. */
const BUCKETS = [0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60];

/** What an operator sees of generations in `/metrics`. docs/observability.md lists it. */
@Injectable()
export class AiMetrics {
  readonly #ended;
  readonly #calls;
  readonly #tokens;
  readonly #cost;
  readonly #seconds;

  constructor(
    metrics: Metrics,
    @Inject(MODEL_SETTINGS) private readonly settings: ModelSettings,
  ) {
    this.#ended = metrics.counter('ai_generations_total', 'Generations that ended, by flow', ['flow', 'outcome']);
    this.#calls = metrics.counter('ai_provider_calls_total', 'Calls of the provider that ended', ['flow', 'outcome']);
    this.#tokens = metrics.counter('ai_tokens_total', 'Tokens that the provider counted', ['flow', 'kind']);
    this.#cost = metrics.counter('ai_cost_usd_total', 'Cost of the tokens at the prices of AI_PRICES', ['flow']);
    this.#seconds = metrics.histogram(
      'ai_generation_duration_seconds',
      'From the start of a generation to its end',
      ['flow'],
      BUCKETS,
    );
  }

  /**
   * Counts a generation that ended. @param outcome `done`, `cached` or the failure in lower case @param seconds its
   * time
   */
  ended(flow: string, outcome: string, seconds?: number): void {
    this.#ended.inc({ flow, outcome });
    if (seconds !== undefined) this.#seconds.observe({ flow }, seconds);
  }

  called(flow: string, outcome: string, { input, output }: { readonly input: number; readonly output: number }): void {
    this.#calls.inc({ flow, outcome });
    this.#tokens.inc({ flow, kind: 'input' }, input);
    this.#tokens.inc({ flow, kind: 'output' }, output);
    const { prices } = this.settings;
    const cost = (input * (prices.get('input') ?? 0) + output * (prices.get('output') ?? 0)) / 1_000_000;
    this.#cost.inc({ flow }, cost);
  }
}
