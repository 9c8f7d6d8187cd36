/**
 * Injection tokens of the values that platform.module.ts provides. Interfaces do not exist at run time, so they need
 * tokens.
 */
/** Injects the {@link import('../postgres/prisma.ts').Database}. */
export const DATABASE = Symbol('Database');
/** Injects the {@link import('../identity/identity-provider.ts').IdentityProvider}. */
export const IDENTITY_PROVIDER = Symbol('IdentityProvider');
/** Injects the {@link import('../config/config.ts').Delays}. */
export const DELAYS = Symbol('Delays');
/** Injects the {@link import('../mail/mail-sender.ts').MailSender}. */
export const MAIL_SENDER = Symbol('MailSender');
/** Injects the {@link import('../mail/mail-sender.ts').MailSettings}. */
export const MAIL_SETTINGS = Symbol('MailSettings');
/** Injects the {@link import('../storage/delivery.ts').Delivery}. */
export const DELIVERY = Symbol('Delivery');
/** Injects the {@link import('../storage/storage.ts').Storage}. */
export const STORAGE = Symbol('Storage');
/** Injects the {@link import('../push/push-sender.ts').PushSender}. */
export const PUSH_SENDER = Symbol('PushSender');
/** Injects the {@link import('../model/settings.ts').ModelSettings}. */
export const MODEL_SETTINGS = Symbol('ModelSettings');
/** Injects the service's {@link import('../messaging/outbox/outbox.ts').Outbox}. */
export const OUTBOX = Symbol('Outbox');
/** Injects the service's {@link import('../messaging/timers/timers.ts').Timers}. */
export const TIMERS = Symbol('Timers');
/** Injects the {@link import('../questions/questions.ts').Questions}. */
export const QUESTIONS = Symbol('Questions');
/** Injects the owners of global ids: a map of {@link import('../manifest/manifest.ts').NodeOwner}s. */
export const NODE_OWNERS = Symbol('NodeOwners');
/** Injects the {@link import('../live/live-events.ts').LiveEvents}. */
export const LIVE_EVENTS = Symbol('LiveEvents');
/** Injects the {@link import('../http/rate-limits.ts').RateLimits} of the process. */
export const RATE_LIMITS = Symbol('RateLimits');
