import { z } from 'zod';
import { isLoopbackUrl, isOrigin } from '../http/callers.ts';
import { trustedProxies } from '../http/client-address.ts';
import { PLATFORM_RATE_LIMITS, type RateLimitSetting } from '../http/rate-limits.ts';
import { faultOfSecret, KEY_BITS, PASSWORD_BITS } from './secrets.ts';
import { signingKey } from '../../signature/signature.ts';

/** An invalid configuration. The message has every error, one per line, with the variable's name. */
export class ConfigError extends Error {
  readonly complaints: readonly string[];
  constructor(complaints: readonly string[]) {
    super(complaints.join('\n'));
    this.name = 'ConfigError';
    this.complaints = complaints;
  }
}

const url = (...protocols: string[]) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
      error: `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    });

const pairs = (separator: string, what: string, fits: (name: string, value: string) => boolean) =>
  z.string().transform((text, context) => {
    const entries: [string, string][] = [];
    for (const item of text.split(',')) {
      const at = item.indexOf(separator);
      const [name, value] = [item.slice(0, Math.max(at, 0)).trim(), item.slice(at + 1).trim()];
      if (!fits(name, value)) {
        context.addIssue({ code: 'custom', message: `must be ${what}` });
        return z.NEVER;
      }
      entries.push([name, value]);
    }
    return entries;
  });

const whole = (from: number, to: number) => {
  const error = `must be a whole number from ${from} to ${to}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, error)
    .transform(Number)
    .pipe(z.int().min(from, error).max(to, error));
};

const oneOf = <const T extends readonly string[]>(...values: T) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` });

const origins = z.string().transform((text, context) => {
  const entries = text.split(',').map((entry) => entry.trim());
  if (entries.every(isOrigin)) return entries.map((entry) => new URL(entry).origin);
  context.addIssue({ code: 'custom', message: 'must be origins such as https://app.example.org, separated by commas' });
  return z.NEVER;
});

const isHttpUrl = (text: string): boolean => URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);
const isSigningKey = (id: string, secret: string): boolean => {
  try {
    return signingKey(id, secret).id === id;
  } catch {
    return false;
  }
};

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };
const RATE_LIMIT = /^([1-9]\d{0,8})\/([smh])$/;
const isRateLimit = (name: string, value: string): boolean => name !== '' && RATE_LIMIT.test(value);

/** @param value for example `20/h` */
function rateLimit(value: string): RateLimitSetting {
  const [, count, unit = ''] = RATE_LIMIT.exec(value) ?? [];
  return { count: Number(count), seconds: UNITS[unit] ?? 0 };
}

/** Validated addresses and subnets. */
const proxies = z.string().transform((text, context) => {
  const entries = text.split(',').map((entry) => entry.trim());
  try {
    trustedProxies(entries);
  } catch {
    context.addIssue({ code: 'custom', message: 'must be addresses or subnets, separated by commas' });
  }
  return entries;
});

const names = z
  .string()
  .regex(/^\s*[^\s,]+\s*(,\s*[^\s,]+\s*)*$/, 'must be names, separated by commas')
  .transform((text) => text.split(',').map((name) => name.trim()));

/** A prefix for names in a broker, so that several deployments can share one. */
const prefix = z
  .string()
  .regex(/^([a-z][a-z0-9-]{0,30}-)?$/, 'must be lower-case letters, digits and dashes, and end with a dash')
  .default('');

const common = {
  HOST: z.string().default('127.0.0.1'),
  PORT: whole(0, 65_535).optional(),
  /** URL of the product for clients, and for links in e-mails. */
  PUBLIC_URL: url('http:', 'https:').optional(),
  /** Origins of pages that may call, besides that of `PUBLIC_URL`: `https://app.example.org,…`. */
  CORS_ORIGINS: origins.default([]),
  /**
   * Which process sets the CORS headers for these pages: this one, or a proxy in front of it (Kong). Browsers reject a
   * response that has them twice.
   */
  CORS_HEADERS: oneOf('router', 'proxy').default('router'),
  LOG_LEVEL: oneOf('debug', 'info', 'warn', 'error').default('info'),
  LOG_FORMAT: oneOf('json', 'text').default('json'),
  /** Without it e-mails are written to a folder. */
  SMTP_URL: url('smtp:', 'smtps:').optional(),
  MAIL_FROM: z.string().default('ProDvor <no-reply@prodvor.example>'),
  /** `id:secret,…`. The first key signs, and all are accepted, so that keys can be rotated. */
  SIGNING_KEYS: pairs(
    ':',
    'id:secret, separated by commas, each secret with at least 16 bytes',
    isSigningKey,
  ).optional(),
  /** URLs of the subgraphs in other processes, for the router and for subgraphs: `users=http://…/graphql,…`. */
  SUBGRAPH_URLS: pairs('=', 'name=url, separated by commas', (name, value) => name !== '' && isHttpUrl(value)).default(
    [],
  ),
  /**
   * A separate port for /metrics, which no other port serves then. Without it only clients on this machine can read
   * /metrics, on `PORT`.
   */
  METRICS_PORT: whole(0, 65_535).optional(),
  /** Address that this port listens on. Default: `HOST`. */
  METRICS_HOST: z.string().optional(),
  DATABASE_POOL: whole(1, 200).default(10),
  /** Accepted `azp` of tokens: the clients of the identity provider. Default: see `trustOf` in platform.module.ts. */
  ACCEPTED_CLIENTS: names.optional(),
  /** Accepted `typ` claims of tokens. Keycloak's access tokens have Bearer. */
  ACCEPTED_TOKEN_TYPES: names.default(['Bearer']),
  /**
   * For `main.ts migrate`, whose DATABASE_URL belongs to an administrator: the passwords of the roles that it creates,
   * `users=…,teams=…`.
   */
  DATABASE_PASSWORDS: pairs(
    '=',
    'service=password, separated by commas, in printable ASCII',
    (name, value) => name !== '' && /^[\x21-\x7e]+$/.test(value),
  ).default([]),
  /**
   * Proxies in front of this process whose `X-Forwarded-For` is trusted. Give Kong's own address, never a network that
   * clients are in too.
   */
  TRUSTED_PROXIES: proxies.default([]),
  /**
   * Rate limits that differ from {@link PLATFORM_RATE_LIMITS} and the manifests: `register=20/h,sendMessage=300/m`.
   * `rateLimitsOf` checks the names.
   */
  RATE_LIMITS: pairs('=', 'name=count/unit, separated by commas; units are s, m and h', isRateLimit)
    .default([])
    .transform(
      (entries): ReadonlyMap<string, RateLimitSetting> =>
        new Map(entries.map(([name, value]) => [name, rateLimit(value)])),
    ),
};

const embedded = z.object({
  ...common,
  PRODVOR_MODE: z.literal('embedded'),
  /** Any PostgreSQL 15 or newer. Without it one is started. */
  DATABASE_URL: url('postgresql:', 'postgres:').optional(),
  PRODVOR_DATA: z.string().default('.prodvor/data'),
  /** Factor of RATE_LIMITS for clients on loopback, because a demo or a test registers hundreds of users. */
  LOOPBACK_RATE_FACTOR: whole(1, 1_000_000).default(100),
});

const full = z.object({
  ...common,
  PRODVOR_MODE: z.literal('full'),
  DATABASE_URL: url('postgresql:', 'postgres:').optional(),
  REDIS_URL: url('redis:', 'rediss:').optional(),
  RABBITMQ_URL: url('amqp:', 'amqps:').optional(),
  KAFKA_BROKERS: z
    .string()
    .regex(/^\s*[^\s,:]+:\d+\s*(,\s*[^\s,:]+:\d+\s*)*$/, 'must be host:port, separated by commas')
    .transform((text) => text.split(',').map((broker) => broker.trim()))
    .optional(),
  KAFKA_PREFIX: prefix,
  RABBITMQ_PREFIX: prefix,
  KEYCLOAK_ISSUER: url('http:', 'https:'),
  KEYCLOAK_CLIENT_ID: z.string().optional(),
  KEYCLOAK_CLIENT_SECRET: z.string().optional(),
  /** Keycloak's URL for this process, if it differs from the one for browsers. */
  KEYCLOAK_INTERNAL_URL: url('http:', 'https:').optional(),
  LOOPBACK_RATE_FACTOR: whole(1, 1_000_000).default(1),
});

/**
 * The uses of a process, and the variables that each needs in full mode. A process gets no other variable, because a
 * secret that it does not have cannot leak.
 */
export const NEEDS = {
  database: ['DATABASE_URL'],
  eventLog: ['KAFKA_BROKERS'],
  jobQueue: ['RABBITMQ_URL'],
  cache: ['REDIS_URL'],
  accounts: ['KEYCLOAK_CLIENT_ID', 'KEYCLOAK_CLIENT_SECRET'],
  // SMTP_URL is optional: without it mails are files.
  mail: [],
  // Without a key a subgraph would trust every caller of its port.
  signatures: ['SIGNING_KEYS'],
} as const;
export type Use = keyof typeof NEEDS;
type Needed = (typeof NEEDS)[Use][number];

const environment = (uses: readonly Use[]) => {
  const needed = Object.fromEntries(uses.flatMap((use) => NEEDS[use]).map((name) => [name, true])) as Partial<
    Record<Needed, true>
  >;
  return z.discriminatedUnion('PRODVOR_MODE', [embedded, full.required(needed) as unknown as typeof full], {
    error: 'must be embedded or full',
  });
};

/** The names of all variables of both modes. */
export const VARIABLES: readonly string[] = [...new Set([...Object.keys(embedded.shape), ...Object.keys(full.shape)])];

export type EmbeddedConfig = z.output<typeof embedded>;
/** The configuration of a process that uses everything. */
export type FullConfig = PartialConfig & Required<Pick<PartialConfig, Needed>>;
/** The variables that the process does not use may be missing. */
export type PartialConfig = z.output<typeof full>;
export type Config = EmbeddedConfig | PartialConfig;

/** The `aud` of the tokens that this API accepts. */
export const AUDIENCE = 'prodvor-api';

export interface ConfigSources {
  /** From the command line. Takes precedence over the environment. */
  readonly overrides?: Readonly<Record<string, string | undefined>>;
  /** Used when the environment has no value. */
  readonly defaults?: Readonly<Record<string, string | undefined>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What the process uses. Default: everything. */
  readonly uses?: readonly Use[];
}

/** The variables of both modes that contain secrets, or decide whether secrets matter. */
type Exposed = Partial<Omit<PartialConfig, 'PRODVOR_MODE'>>;

/** Whether clients beyond this machine may reach the process or sign in to it. */
export const isPublic = ({ PUBLIC_URL, KEYCLOAK_ISSUER }: Exposed): boolean =>
  [PUBLIC_URL, KEYCLOAK_ISSUER].some((address) => address !== undefined && !isLoopbackUrl(address));

/** Errors for known or weak secrets. A server's URL without a password is the operator's decision. */
function faultsOfSecrets({
  SIGNING_KEYS = [],
  DATABASE_PASSWORDS = [],
  DATABASE_URL,
  REDIS_URL,
  RABBITMQ_URL,
  KEYCLOAK_CLIENT_SECRET,
}: Exposed): string[] {
  const secrets: [name: string, secret: string, bits: number][] = SIGNING_KEYS.map(([, secret]) => [
    'SIGNING_KEYS',
    secret,
    KEY_BITS,
  ]);
  for (const [name, address = ''] of Object.entries({ DATABASE_URL, REDIS_URL, RABBITMQ_URL })) {
    const password = URL.parse(address)?.password ?? '';
    if (password !== '') secrets.push([name, decode(password), PASSWORD_BITS]);
  }
  for (const [, password] of DATABASE_PASSWORDS) secrets.push(['DATABASE_PASSWORDS', password, PASSWORD_BITS]);
  if (KEYCLOAK_CLIENT_SECRET !== undefined)
    secrets.push(['KEYCLOAK_CLIENT_SECRET', KEYCLOAK_CLIENT_SECRET, PASSWORD_BITS]);
  return secrets.flatMap(([name, secret, bits]) => {
    const fault = faultOfSecret(secret, bits);
    return fault === undefined ? [] : [`${name} ${fault}`];
  });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Reads the configuration of the process from its environment, the overrides and the defaults. Empty variables count as
 * absent.
 * @throws ConfigError with all errors
 */
export function readConfig({
  overrides,
  defaults,
  env = process.env,
  uses = Object.keys(NEEDS) as Use[],
}: ConfigSources = {}): Config {
  const given: Record<string, string> = { PRODVOR_MODE: 'embedded' };
  for (const source of [defaults, env, overrides]) {
    for (const [name, value] of Object.entries(source ?? {}))
      if (value !== undefined && value !== '') given[name] = value;
  }
  const result = environment(uses).safeParse(given);
  if (result.success) {
    const { PRODVOR_MODE: _, ...exposed } = result.data;
    const complaints = isPublic(exposed) ? faultsOfSecrets(exposed) : [];
    if (complaints.length > 0) throw new ConfigError(complaints);
    return result.data;
  }
  throw new ConfigError(
    result.error.issues.map((issue) => {
      const name = String(issue.path[0] ?? 'configuration');
      return `${name} ${given[name] === undefined && issue.code !== 'custom' ? 'is missing' : issue.message}`;
    }),
  );
}

/**
 * A variable that {@link ConfigSources.uses} has declared.
 * @throws ConfigError when the process uses more than it declared
 */
export function given<T>(name: Needed, value: T | undefined): T {
  if (value === undefined) throw new ConfigError([`${name} is missing`]);
  return value;
}

/**
 * The limits of a process: those of the platform and the given ones, changed by the configuration.
 * @throws ConfigError when the configuration changes an unknown limit
 */
export function rateLimitsOf(
  { RATE_LIMITS: changes }: Pick<Config, 'RATE_LIMITS'>,
  ...given: readonly Readonly<Record<string, RateLimitSetting>>[]
): Readonly<Record<string, RateLimitSetting>> {
  const limits: Record<string, RateLimitSetting> = Object.assign({}, PLATFORM_RATE_LIMITS, ...given);
  const names = Object.keys(limits);
  const unknown = [...changes.keys()].filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new ConfigError(unknown.map((name) => `RATE_LIMITS: there is no ${name}; names are ${names.join(', ')}`));
  return { ...limits, ...Object.fromEntries(changes) };
}
