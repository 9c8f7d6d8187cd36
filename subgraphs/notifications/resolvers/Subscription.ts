import { Args, Context, Resolver, Subscription } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import type {
  SubscriptionMailingEventsArgs,
  SubscriptionNotificationEventsArgs,
  SubscriptionReportEventsArgs,
} from '../generated/graphql.ts';
import type { InboxEvent, MailingEvent, ReportEvent } from '../generated/prisma/client.ts';
import { MailingsService } from '../mailings/mailings.service.ts';
import { NotificationsService } from '../notifications.service.ts';
import { ReportsService } from '../reports/reports.service.ts';

@Resolver()
export class SubscriptionResolver {
  constructor(
    private readonly notifications: NotificationsService,
    private readonly mailings: MailingsService,
    private readonly reports: ReportsService,
  ) {}

  @Subscription('notificationEvents', { resolve: (event: InboxEvent) => event })
  notificationEvents(
    @Args() { afterSeq }: SubscriptionNotificationEventsArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<AsyncIterableIterator<InboxEvent>> {
    return this.notifications.events(principal, afterSeq ?? null);
  }

  @Subscription('mailingEvents', { resolve: (event: MailingEvent) => event })
  mailingEvents(
    @Args() { mailingId, afterSeq }: SubscriptionMailingEventsArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<AsyncIterableIterator<MailingEvent>> {
    return this.mailings.events(principal, mailingId, afterSeq ?? null);
  }

  @Subscription('reportEvents', { resolve: (event: ReportEvent) => event })
  reportEvents(
    @Args() { afterSeq }: SubscriptionReportEventsArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<AsyncIterableIterator<ReportEvent>> {
    return this.reports.events(principal, afterSeq ?? null);
  }
}
