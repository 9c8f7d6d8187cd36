import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import { isLoopbackUrl, isOrigin } from '../http/callers.ts';
import { trustedProxies } from '../http/client-address.ts';
import { PLATFORM_RATE_LIMITS, type RateLimitSetting } from '../http/rate-limits.ts';
import { isPushHost, PUSH_HOSTS } from './push-hosts.ts';
import { serviceAccount, type ServiceAccount } from './service-account.ts';
import { vapidKeyOf } from './vapid.ts';
import { faultOfSecret, KEY_BITS, PASSWORD_BITS } from './secrets.ts';
import { signingKey } from '../../signature/signature.ts';

/** The error for an invalid configuration. The message has every error, one per line, with the variable's name. */
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

/** Reads a rate limit. @param value for example `20/h` */
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

/** An RSA key in PEM. */
const privateKey = z.string().transform((text, context) => {
  const pem = text.replaceAll('\\n', '\n');
  try {
    if (createPrivateKey(pem).asymmetricKeyType === 'rsa') return pem;
  } catch {
    // Reported below, without the error of the parser, which could show a part of the key.
  }
  context.addIssue({ code: 'custom', message: 'must be an RSA private key in PEM' });
  return z.NEVER;
});

/** The private half of a key of the curve P-256: 32 bytes in base64url. */
const vapidKey = z.string().refine(
  (text) => {
    try {
      return /^[\w-]{43}$/.test(text) && vapidKeyOf(text).privateKey === text;
    } catch {
      return false;
    }
  },
  { error: 'must be a private key of the curve P-256: 43 characters of base64url' },
);

/** The key file of a Google service account, as JSON. */
const fcmAccount = z.string().transform((text, context): ServiceAccount => {
  try {
    const { success, data } = serviceAccount.safeParse(JSON.parse(text));
    if (success && createPrivateKey(data.private_key).asymmetricKeyType === 'rsa') return data;
  } catch {
    // Reported below, without the parser's error, which could show a part of the key.
  }
  context.addIssue({ code: 'custom', message: 'must be the JSON key file of a service account' });
  return z.NEVER;
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
  /** The URL of the mail server. Absent: e-mails are written to a folder. */
  SMTP_URL: url('smtp:', 'smtps:').optional(),
  MAIL_FROM: z.string().default('ProDvor <no-reply@prodvor.example>'),
  /**
   * How long a person counts as online after the last report that the person has an open stream, in seconds. While a
   * stream is open, three reports are made in this time.
   */
  PRESENCE_SECONDS: whole(3, 3_600).default(60),
  /**
   * How long a message in the room of a team may stay unread, in seconds. After that each member who has not read it is
   * notified, unless the member is online.
   */
  CHAT_MISSED_SECONDS: whole(1, 86_400).default(600),
  /**
   * The URL of the product's web pages: `<URL>/open/<global id>` shows an object. Without it, mails have no links to
   * objects.
   */
  WEB_URL: url('http:', 'https:').optional(),
  /**
   * The secret with which the mail provider reports bounces and complaints: at least 16 characters. Without it, reports
   * are refused.
   */
  MAIL_WEBHOOK_SECRET: z.string().min(16, 'must have at least 16 characters').optional(),
  /** The largest number of e-mails of mailings that a process sends in a second. Mail providers have such limits. */
  MAILINGS_PER_SECOND: whole(1, 1000).default(20),
  /** The record `<selector>._domainkey` of the sender's domain has the public half of `DKIM_PRIVATE_KEY`. */
  DKIM_SELECTOR: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i, 'must be letters, digits and dashes')
    .optional(),
  /**
   * The key with which this process signs mails: an RSA key in PEM, where `\n` may stand for a line end. Without it,
   * this process signs no mails.
   */
  DKIM_PRIVATE_KEY: privateKey.optional(),
  /** Hosts of push services: only they get push messages for browsers. See {@link isPushHost}. */
  PUSH_HOSTS: names
    .transform((hosts) => hosts.map((host) => host.toLowerCase()))
    .refine((hosts) => hosts.every(isPushHost), {
      error: 'must be hosts such as push.example.org or *.push.example.org, separated by commas',
    })
    .default([...PUSH_HOSTS]),
  /**
   * The key that signs push messages for browsers (VAPID). If it is absent, the installation makes a key and keeps it
   * in its database.
   */
  VAPID_PRIVATE_KEY: vapidKey.optional(),
  /** The account that sends push messages to apps by Firebase Cloud Messaging. Absent: apps get no push messages. */
  FCM_SERVICE_ACCOUNT: fcmAccount.optional(),
  /** The key for the provider of language models (Gemini API). Absent: the flows of `ai` are unavailable. */
  GOOGLE_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'must be at most 200 printable characters without spaces')
    .optional(),
  /** The URL of another server with the HTTP API of the provider, such as the server of `npm run ai:provider`. */
  AI_PROVIDER_URL: url('http:', 'https:').optional(),
  AI_MODEL: z
    .string()
    .regex(/^gemini-[a-z0-9.-]{1,80}$/, 'must be the name of a Gemini model, such as gemini-2.5-flash')
    .default('gemini-2.5-flash'),
  /** Flows that are switched off, by their names in docs/ai.md. */
  AI_FLOWS_OFF: names.default([]),
  /** How many generations a person may start on a day (UTC). */
  AI_DAILY_QUOTA: whole(0, 1_000_000).default(50),
  /** Prices in US dollars of a million tokens, for the metric of the cost: `input=0.30,output=2.50`. */
  AI_PRICES: pairs(
    '=',
    'input=price,output=price, in US dollars',
    (name, value) => ['input', 'output'].includes(name) && /^\d{1,6}(\.\d{1,6})?$/.test(value),
  )
    .default([])
    .transform(
      (entries): ReadonlyMap<string, number> => new Map(entries.map(([name, price]) => [name, Number(price)])),
    ),
  /**
   * The keys for signed calls: `id:secret,…`. The first key signs, and all are accepted, so that keys can be rotated.
   */
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
  /** Address that METRICS_PORT listens on. Default: `HOST`. */
  METRICS_HOST: z.string().optional(),
  DATABASE_POOL: whole(1, 200).default(10),
  /** Accepted `azp` of tokens: the clients of the identity provider. Default: see `trustOf` in platform.module.ts. */
  ACCEPTED_CLIENTS: names.optional(),
  /** Accepted `typ` claims of tokens. Keycloak's access tokens have Bearer. */
  ACCEPTED_TOKEN_TYPES: names.default(['Bearer']),
  /**
   * URL below which the public files are served: the address of a CDN, or of the bucket. Without it embedded mode
   * serves them itself, and full mode has only links that end.
   */
  MEDIA_PUBLIC_URL: url('http:', 'https:').optional(),
  /** The kind of CDN at that URL, which checks links to private files. Absent: the storage signs these links. */
  MEDIA_CDN: oneOf('none', 'cloudfront', 'cloudflare').default('none'),
  /** CloudFront: the id of the key pair. */
  MEDIA_CDN_KEY_ID: z.string().optional(),
  /**
   * CloudFront: the private RSA key in PEM, where `\n` may stand for a line end. Cloudflare: the secret of the rule.
   */
  MEDIA_CDN_KEY: z.string().min(16, 'must have at least 16 characters').optional(),
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
  /** The URL of a PostgreSQL server, version 15 or newer. Absent: the product starts its own server. */
  DATABASE_URL: url('postgresql:', 'postgres:').optional(),
  PRODVOR_DATA: z.string().default('.prodvor/data'),
  /**
   * Factor of the rate limits for clients on loopback, because a demo or a test registers hundreds of users. It does
   * not apply to limits on guessing passwords.
   */
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
  /** The S3 bucket for files: see docs/storage.md. */
  S3_BUCKET: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
      'must be the name of a bucket: 3 to 63 lower-case letters, digits, dots, dashes',
    )
    .optional(),
  S3_REGION: z.string().default('us-east-1'),
  /** The URL of the S3 server. Absent: AWS, in `S3_REGION`. */
  S3_ENDPOINT: url('http:', 'https:').optional(),
  /** URL of the same server for clients, if they use another one. */
  S3_PUBLIC_ENDPOINT: url('http:', 'https:').optional(),
  /**
   * If this variable and the secret are absent, the AWS SDK looks for a key: in the role of the machine, in its files.
   */
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
  /** Whether the bucket lets everybody read what is below `public/`. */
  S3_PUBLIC_READ: oneOf('yes', 'no').default('no'),
  /** Whether the server checks the SHA-256 of an upload. `none` for servers without this header. */
  S3_UPLOAD_CHECKSUM: oneOf('sha256', 'none').default('sha256'),
  KEYCLOAK_ISSUER: url('http:', 'https:'),
  KEYCLOAK_CLIENT_ID: z.string().optional(),
  KEYCLOAK_CLIENT_SECRET: z.string().optional(),
  /** Keycloak's URL for this process, if it differs from the one for browsers. */
  KEYCLOAK_INTERNAL_URL: url('http:', 'https:').optional(),
  LOOPBACK_RATE_FACTOR: whole(1, 1_000_000).default(1),
});

/**
 * The uses of a process, and the variables that each needs in full mode. A deployment gives a process only those of the
 * variables here that its own uses need: a secret that a process does not have cannot leak from it.
 */
export const NEEDS = {
  database: ['DATABASE_URL'],
  eventLog: ['KAFKA_BROKERS'],
  jobQueue: ['RABBITMQ_URL'],
  cache: ['REDIS_URL'],
  accounts: ['KEYCLOAK_CLIENT_ID', 'KEYCLOAK_CLIENT_SECRET'],
  // The use `mail` needs no variable: without SMTP_URL, mails are written to files.
  mail: [],
  storage: ['S3_BUCKET'],
  // The use `push` needs no variable: without FCM_SERVICE_ACCOUNT, apps get no push messages, but browsers do.
  push: [],
  // GOOGLE_API_KEY is optional: without it the flows are unavailable.
  model: [],
  // Every subgraph needs the keys: without a key it would trust every caller of its port.
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
/** The configuration of a process in full mode that uses everything. */
export type FullConfig = PartialConfig & Required<Pick<PartialConfig, Needed>>;
/** The configuration of a process in full mode. Variables that the process does not use may be missing. */
export type PartialConfig = z.output<typeof full>;
export type Config = EmbeddedConfig | PartialConfig;

/** Delays of services, in milliseconds. */
export interface Delays {
  /** See `PRESENCE_SECONDS`. */
  readonly presenceMs: number;
  /** See `CHAT_MISSED_SECONDS`. */
  readonly chatMissedMs: number;
}

export const delaysOf = ({
  PRESENCE_SECONDS,
  CHAT_MISSED_SECONDS,
}: Pick<Config, 'PRESENCE_SECONDS' | 'CHAT_MISSED_SECONDS'>): Delays => ({
  presenceMs: PRESENCE_SECONDS * 1000,
  chatMissedMs: CHAT_MISSED_SECONDS * 1000,
});

/** The `aud` of the tokens that this API accepts. */
export const AUDIENCE = 'prodvor-api';

export interface ConfigSources {
  /** Values from the command line. They take precedence over the environment. */
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

/** Errors for known or weak secrets. A server's URL without a password is no error: the operator decides about it. */
function faultsOfSecrets({
  SIGNING_KEYS = [],
  DATABASE_PASSWORDS = [],
  DATABASE_URL,
  REDIS_URL,
  RABBITMQ_URL,
  KEYCLOAK_CLIENT_SECRET,
  MAIL_WEBHOOK_SECRET,
  S3_SECRET_ACCESS_KEY,
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
  if (MAIL_WEBHOOK_SECRET !== undefined) secrets.push(['MAIL_WEBHOOK_SECRET', MAIL_WEBHOOK_SECRET, PASSWORD_BITS]);
  if (S3_SECRET_ACCESS_KEY !== undefined) secrets.push(['S3_SECRET_ACCESS_KEY', S3_SECRET_ACCESS_KEY, PASSWORD_BITS]);
  return secrets.flatMap(([name, secret, bits]) => {
    const fault = faultOfSecret(secret, bits);
    return fault === undefined ? [] : [`${name} ${fault}`];
  });
}

/** An error if only one of the two variables is set. The mails would be unsigned then, which nobody notices. */
const faultsOfDkim = ({ DKIM_SELECTOR: selector, DKIM_PRIVATE_KEY: key }: Exposed): string[] =>
  (selector === undefined) === (key === undefined)
    ? []
    : [`${selector === undefined ? 'DKIM_SELECTOR' : 'DKIM_PRIVATE_KEY'} is missing`];

/** An error if only one of the two variables is set. The SDK would look for another key then. */
const faultsOfS3 = ({ S3_ACCESS_KEY_ID: id, S3_SECRET_ACCESS_KEY: secret }: Exposed): string[] =>
  (id === undefined) === (secret === undefined)
    ? []
    : [`${id === undefined ? 'S3_ACCESS_KEY_ID' : 'S3_SECRET_ACCESS_KEY'} is missing`];

/** Errors if variables of the configured CDN are missing or malformed. The CDN would refuse every link then. */
function faultsOfCdn({ MEDIA_CDN: cdn, MEDIA_PUBLIC_URL, MEDIA_CDN_KEY, MEDIA_CDN_KEY_ID }: Exposed): string[] {
  if (cdn === undefined || cdn === 'none') return [];
  const needed = { MEDIA_PUBLIC_URL, MEDIA_CDN_KEY, ...(cdn === 'cloudfront' && { MEDIA_CDN_KEY_ID }) };
  return [
    ...Object.entries(needed).flatMap(([name, value]) => (value === undefined ? [`${name} is missing`] : [])),
    ...(cdn === 'cloudfront' && MEDIA_CDN_KEY !== undefined && !privateKey.safeParse(MEDIA_CDN_KEY).success
      ? ['MEDIA_CDN_KEY must be an RSA private key in PEM']
      : []),
  ];
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
    const complaints = [
      ...(isPublic(exposed) ? faultsOfSecrets(exposed) : []),
      ...faultsOfDkim(exposed),
      ...faultsOfS3(exposed),
      ...faultsOfCdn(exposed),
    ];
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
