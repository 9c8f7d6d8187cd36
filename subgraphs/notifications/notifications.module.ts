import { Module } from '@nestjs/common';
import { prismaProvider } from '../../platform/postgres/prisma.ts';
import { NotificationsComputations, NotificationsConsumers } from './consumers.ts';
import { DeliveriesService } from './deliveries.service.ts';
import { Contacts } from './emails/contacts.ts';
import { EmailsController } from './emails/emails.controller.ts';
import { EmailsService } from './emails/emails.service.ts';
import { EmailLinks } from './emails/links.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { MAILING_WORK_OPTIONS, MailingWork } from './mailings/mailing-work.service.ts';
import { MailingsService } from './mailings/mailings.service.ts';
import { MailingRights } from './mailings/rights.ts';
import { NoticesService } from './notices.service.ts';
import { NotificationsService } from './notifications.service.ts';
import { PreferencesService } from './preferences.service.ts';
import { Presence } from './presence.ts';
import { DevicesService } from './push/devices.service.ts';
import { PushKeys } from './push/keys.ts';
import { PushService } from './push/push.service.ts';
import { DeviceResolver } from './resolvers/Device.ts';
import { MailingResolver } from './resolvers/Mailing.ts';
import { MailingEventResolver } from './resolvers/MailingEvent.ts';
import { ReportWork } from './reports/report-work.ts';
import { ReportsService } from './reports/reports.service.ts';
import { ReportSources } from './reports/sources.ts';
import { MutationResolver } from './resolvers/Mutation.ts';
import { NotificationResolver } from './resolvers/Notification.ts';
import {
  NotificationAddedResolver,
  NotificationEventResolver,
  NotificationsReadResolver,
  NotificationsWithdrawnResolver,
} from './resolvers/NotificationEvent.ts';
import { NotificationPreferencesResolver } from './resolvers/NotificationPreferences.ts';
import { QueryResolver } from './resolvers/Query.ts';
import { ReportEventResolver, ReportResolver } from './resolvers/Report.ts';
import { SubscriptionResolver } from './resolvers/Subscription.ts';
import { SENDERS, senders } from './senders.ts';
import { WorkService } from './work.service.ts';

@Module({
  controllers: [EmailsController],
  providers: [
    prismaProvider('notifications', PrismaClient),
    { provide: SENDERS, useValue: senders },
    EmailLinks,
    Contacts,
    EmailsService,
    Presence,
    PushKeys,
    DevicesService,
    PushService,
    NotificationsService,
    PreferencesService,
    NoticesService,
    DeliveriesService,
    MailingRights,
    MailingsService,
    { provide: MAILING_WORK_OPTIONS, useValue: {} },
    MailingWork,
    ReportSources,
    ReportsService,
    ReportWork,
    WorkService,
    NotificationsConsumers,
    NotificationsComputations,
    QueryResolver,
    MutationResolver,
    DeviceResolver,
    NotificationPreferencesResolver,
    SubscriptionResolver,
    NotificationResolver,
    NotificationEventResolver,
    NotificationAddedResolver,
    NotificationsReadResolver,
    NotificationsWithdrawnResolver,
    MailingResolver,
    MailingEventResolver,
    ReportResolver,
    ReportEventResolver,
  ],
})
export class NotificationsModule {}
