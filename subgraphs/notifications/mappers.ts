import type { Counted } from '../../platform/graphql/connection.ts';
import type { Mailing as MailingRow } from './generated/prisma/client.ts';

/** For each type of the schema: the TypeScript type of the objects that resolvers return. Most are rows of Prisma. */
export type { Device, Mailing, MailingEvent, Notification } from './generated/prisma/client.ts';
export type {
  InboxEvent as NotificationAdded,
  InboxEvent as NotificationEvent,
  InboxEvent as NotificationsRead,
  InboxEvent as NotificationsWithdrawn,
} from './generated/prisma/client.ts';
export type { NotificationPage as NotificationConnection } from './notifications.service.ts';
export type { Preferences as NotificationPreferences } from './preferences.service.ts';
export type { NotSent as MailingNotSent } from './mailings/mailings.service.ts';
export type MailingConnection = Counted<MailingRow>;
export type { Report, ReportEvent } from './generated/prisma/client.ts';
export type { ReportPage as ReportConnection } from './reports/reports.service.ts';
