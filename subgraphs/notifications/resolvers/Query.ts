import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { find } from '../../../platform/graphql/entity.resolver.ts';
import type {
  QueryMailingArgs,
  QueryMailingAudienceArgs,
  QueryMyDevicesArgs,
  QueryMyMailingsArgs,
  QueryMyReportsArgs,
  QueryReportArgs,
  QueryNotificationsArgs,
  ResolversTypes,
} from '../generated/graphql.ts';
import { MailingsService } from '../mailings/mailings.service.ts';
import { DevicesService } from '../push/devices.service.ts';
import { NotificationsService } from '../notifications.service.ts';
import { ReportsService } from '../reports/reports.service.ts';
import { PreferencesService } from '../preferences.service.ts';

@Resolver()
export class QueryResolver {
  constructor(
    private readonly service: NotificationsService,
    private readonly preferences: PreferencesService,
    private readonly devices: DevicesService,
    private readonly mailings: MailingsService,
    private readonly reports: ReportsService,
  ) {}

  @Query()
  notifications(
    @Args() args: QueryNotificationsArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['NotificationConnection'] | null> {
    return this.service.page(principal, args);
  }

  @Query()
  unreadNotificationCount(@Context() { principal }: GraphQLContext): Promise<number | null> {
    return this.service.unreadCount(principal);
  }

  @Query()
  notificationPreferences(
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['NotificationPreferences'] | null> {
    return this.preferences.own(principal);
  }

  @Query()
  pushKey(): Promise<string> {
    return this.devices.publicKey();
  }

  @Query()
  myDevices(
    @Args() args: QueryMyDevicesArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['Device'][] | null> {
    return this.devices.own(principal, args);
  }

  @Query()
  mailing(
    @Args() { id }: QueryMailingArgs,
    @Context() context: GraphQLContext,
  ): Promise<ResolversTypes['Mailing'] | null> {
    return find(context, 'Mailing', id, this.mailings.byId);
  }

  @Query()
  myMailings(
    @Args() args: QueryMyMailingsArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['MailingConnection'] | null> {
    return this.mailings.page(principal, args);
  }

  @Query()
  mailingAudience(
    @Args() { about, entries }: QueryMailingAudienceArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['MailingAudience'] | null> {
    return this.mailings.audience(principal, { about, entries: entries ?? null });
  }

  @Query()
  report(
    @Args() { id }: QueryReportArgs,
    @Context() context: GraphQLContext,
  ): Promise<ResolversTypes['Report'] | null> {
    return find(context, 'Report', id, this.reports.byId);
  }

  @Query()
  myReports(
    @Args() args: QueryMyReportsArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['ReportConnection'] | null> {
    return this.reports.page(principal, args);
  }
}
