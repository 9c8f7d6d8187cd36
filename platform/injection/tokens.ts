/**
 * Injection tokens of the values that platform.module.ts provides. Interfaces do not exist at run time, so they need
 * tokens.
 */
/** {@link import('../postgres/prisma.ts').Database} */
export const DATABASE = Symbol('Database');
/** {@link import('../identity/identity-provider.ts').IdentityProvider} */
export const IDENTITY_PROVIDER = Symbol('IdentityProvider');
/** {@link import('../mail/mail-sender.ts').MailSender} */
export const MAIL_SENDER = Symbol('MailSender');
/** The service's {@link import('../messaging/outbox/outbox.ts').Outbox} */
export const OUTBOX = Symbol('Outbox');
/** The service's {@link import('../messaging/timers/timers.ts').Timers} */
export const TIMERS = Symbol('Timers');
/** {@link import('../questions/questions.ts').Questions} */
export const QUESTIONS = Symbol('Questions');
/** Owners of global ids: a map of {@link import('../manifest/manifest.ts').NodeOwner}s. */
export const NODE_OWNERS = Symbol('NodeOwners');
/** {@link import('../live/live-events.ts').LiveEvents} */
export const LIVE_EVENTS = Symbol('LiveEvents');
/** The process' {@link import('../http/rate-limits.ts').RateLimits} */
export const RATE_LIMITS = Symbol('RateLimits');
