import type { Config } from '../config/config.ts';

/** The language model of a process, and who may use it how often. */
export interface ModelSettings {
  /** The key for the provider. Absent: there is no provider. */
  readonly apiKey?: string;
  /** The provider's URL without a path. Absent: Google's. */
  readonly url?: string;
  /** The name of a Gemini model. */
  readonly model: string;
  /** Names of flows that are switched off. */
  readonly flowsOff: readonly string[];
  /** The largest number of generations that a person may start on a day (UTC). */
  readonly dailyQuota: number;
  /** US dollars per million tokens, by `input` and `output`. A missing price counts as 0. */
  readonly prices: ReadonlyMap<string, number>;
}

export function modelSettingsOf({
  GOOGLE_API_KEY: apiKey,
  AI_PROVIDER_URL: url,
  AI_MODEL: model,
  AI_FLOWS_OFF: flowsOff,
  AI_DAILY_QUOTA: dailyQuota,
  AI_PRICES: prices,
}: Config): ModelSettings {
  return {
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(url === undefined ? {} : { url: url.replace(/\/+$/, '') }),
    model,
    flowsOff,
    dailyQuota,
    prices,
  };
}
