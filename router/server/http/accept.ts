import { qualityOf } from '../../http1/encoding.ts';
import type { IncrementalFormat } from '../incremental.ts';
import { HttpProblem } from './problem.ts';

/** The media type of a response that is one document. */
export type ResponseType = 'application/json' | 'application/graphql-response+json';
/** The media type of a subscription's events over HTTP. */
export type EventFormat = 'text/event-stream' | 'multipart/mixed;subscriptionSpec=1.0';

/**
 * What a client's Accept header allows. Each field is the format of its kind that the client prefers, or undefined when
 * it accepts none.
 */
export interface Accepted {
  readonly single: ResponseType | undefined;
  readonly incremental: IncrementalFormat | undefined;
  readonly events: EventFormat | undefined;
}

interface Range {
  readonly type: string;
  readonly quality: number;
  readonly parameters: readonly string[];
}

const DEFAULT_ACCEPTED: Accepted = { single: 'application/json', incremental: undefined, events: undefined };
const cache = new Map<string, Accepted>();
/**
 * Clients send few different Accept headers. This bound keeps a client that invents many from filling the memory: at
 * the bound the cache is emptied.
 */
const MAX_CACHED = 200;

/**
 * Parses an Accept header (RFC 9110, 12.5.1). The router answers with one document of application/json when the client
 * does not say, or accepts anything, because it has always sent that to such clients. It sends a response in several
 * parts only to clients that name such a format; `*` selects one document. Decision 0025 explains why this does not use
 * the package negotiator.
 */
export function parseAccept(header: string | undefined): Accepted {
  if (header === undefined) return DEFAULT_ACCEPTED;
  const before = cache.get(header);
  if (before !== undefined) return before;
  const ranges = rangesOf(header);
  const result: Accepted = { single: single(ranges), incremental: incremental(ranges), events: events(ranges) };
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(header, result);
  return result;
}

export function notAcceptable(): HttpProblem {
  return new HttpProblem(406, 'NOT_ACCEPTABLE', 'answers are application/graphql-response+json or application/json');
}

function rangesOf(header: string): Range[] {
  return header
    .toLowerCase()
    .split(',')
    .map((range) => {
      const [type = '', ...parameters] = range
        .split(';')
        .map((part) => part.trim().replaceAll(/\s*=\s*"?([^"]*)"?$/g, '=$1'));
      return { type, parameters, quality: qualityOf(parameters) };
    });
}

function single(ranges: readonly Range[]): ResponseType | undefined {
  const [json, modern] = [
    matchType(ranges, 'application/json'),
    matchType(ranges, 'application/graphql-response+json'),
  ];
  if (Math.max(json.quality, modern.quality) === 0) return undefined;
  if (json.quality !== modern.quality)
    return json.quality > modern.quality ? 'application/json' : 'application/graphql-response+json';
  return modern.place < json.place ? 'application/graphql-response+json' : 'application/json';
}

/**
 * What the most specific matching range says about a type.
 * @returns its quality (0 to 1), and its index among the ranges if it names the type in full, otherwise the number of
 *   ranges
 */
function matchType(ranges: readonly Range[], type: string): { quality: number; place: number } {
  const exact = ranges.findIndex((range) => range.type === type);
  if (exact >= 0) return { quality: ranges[exact]?.quality ?? 0, place: exact };
  const wild = ranges.find((range) => range.type === 'application/*') ?? ranges.find((range) => range.type === '*/*');
  return { quality: wild?.quality ?? 0, place: ranges.length };
}

function best<T>(candidates: readonly { readonly format: T; readonly quality: number }[]): T | undefined {
  let found: { readonly format: T; readonly quality: number } | undefined;
  for (const candidate of candidates) if (candidate.quality > (found?.quality ?? 0)) found = candidate;
  return found?.format;
}

/**
 * A plain multipart/mixed, as the RFC "Incremental Delivery over HTTP" asks for, selects the format of the current
 * proposal.
 */
function incremental(ranges: readonly Range[]): IncrementalFormat | undefined {
  return best(
    ranges.flatMap(({ type, quality, parameters }) => {
      if (type !== 'multipart/mixed' || parameters.some((parameter) => parameter.startsWith('subscriptionspec=')))
        return [];
      const old = parameters.some((parameter) => parameter.startsWith('deferspec='));
      return [{ quality, format: old ? ('deferSpec=20220824' as const) : ('incrementalSpec=v0.2' as const) }];
    }),
  );
}

function events(ranges: readonly Range[]): EventFormat | undefined {
  return best(
    ranges.flatMap(({ type, quality, parameters }): { format: EventFormat; quality: number }[] => {
      if (type === 'text/event-stream') return [{ quality, format: 'text/event-stream' }];
      const spoken =
        type === 'multipart/mixed' && parameters.some((parameter) => /^subscriptionspec=1(?:\.0)?$/.test(parameter));
      return spoken ? [{ quality, format: 'multipart/mixed;subscriptionSpec=1.0' }] : [];
    }),
  );
}
