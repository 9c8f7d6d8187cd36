import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { orUserErrors } from '../../../platform/graphql/user-errors.ts';
import type {
  MutationCancelMailingArgs,
  MutationCreateMailingArgs,
  MutationCancelReportArgs,
  MutationMarkNotificationsReadArgs,
  MutationPauseMailingArgs,
  MutationPreviewMailingArgs,
  MutationRegisterDeviceArgs,
  MutationRequestEmailVerificationArgs,
  MutationResumeMailingArgs,
  MutationRequestReportArgs,
  MutationSetNotificationPreferencesArgs,
  MutationStartMailingArgs,
  MutationUnregisterDeviceArgs,
  ResolversTypes,
} from '../generated/graphql.ts';
import { EmailsService } from '../emails/emails.service.ts';
import { MailingsService } from '../mailings/mailings.service.ts';
import { DevicesService } from '../push/devices.service.ts';
import { NotificationsService } from '../notifications.service.ts';
import { ReportsService } from '../reports/reports.service.ts';
import { PreferencesService } from '../preferences.service.ts';

@Resolver()
export class MutationResolver {
  constructor(
    private readonly notifications: NotificationsService,
    private readonly preferences: PreferencesService,
    private readonly emails: EmailsService,
    private readonly devices: DevicesService,
    private readonly mailings: MailingsService,
    private readonly reports: ReportsService,
  ) {}

  @Mutation()
  markNotificationsRead(
    @Args() { input }: MutationMarkNotificationsReadArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['MarkNotificationsReadPayload']> {
    return orUserErrors(async () => ({ unreadNotificationCount: await this.notifications.markRead(principal, input) }));
  }

  @Mutation()
  setNotificationPreferences(
    @Args() { input }: MutationSetNotificationPreferencesArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['SetNotificationPreferencesPayload']> {
    return orUserErrors(async () => ({ preferences: await this.preferences.set(principal, input) }));
  }

  @Mutation()
  requestEmailVerification(
    @Args() { input }: MutationRequestEmailVerificationArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RequestEmailVerificationPayload']> {
    return orUserErrors(async () => ({ emailState: await this.emails.requestVerification(principal, input) }));
  }

  @Mutation()
  registerDevice(
    @Args() { input }: MutationRegisterDeviceArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RegisterDevicePayload']> {
    return orUserErrors(async () => ({ device: await this.devices.register(principal, input) }));
  }

  @Mutation()
  unregisterDevice(
    @Args() { input }: MutationUnregisterDeviceArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['UnregisterDevicePayload']> {
    return orUserErrors(async () => ({ deviceId: await this.devices.unregister(principal, input) }));
  }

  @Mutation()
  previewMailing(
    @Args() { input }: MutationPreviewMailingArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['PreviewMailingPayload']> {
    return orUserErrors(() => this.mailings.preview(principal, input));
  }

  @Mutation()
  createMailing(
    @Args() { input }: MutationCreateMailingArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['CreateMailingPayload']> {
    return orUserErrors(async () => ({ mailing: await this.mailings.create(principal, input) }));
  }

  @Mutation()
  startMailing(
    @Args() { input }: MutationStartMailingArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['StartMailingPayload']> {
    return orUserErrors(async () => ({ mailing: await this.mailings.start(principal, input) }));
  }

  @Mutation()
  pauseMailing(
    @Args() { input }: MutationPauseMailingArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['PauseMailingPayload']> {
    return orUserErrors(async () => ({ mailing: await this.mailings.pause(principal, input) }));
  }

  @Mutation()
  resumeMailing(
    @Args() { input }: MutationResumeMailingArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['ResumeMailingPayload']> {
    return orUserErrors(async () => ({ mailing: await this.mailings.resume(principal, input) }));
  }

  @Mutation()
  cancelMailing(
    @Args() { input }: MutationCancelMailingArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['CancelMailingPayload']> {
    return orUserErrors(async () => ({ mailing: await this.mailings.cancel(principal, input) }));
  }

  @Mutation()
  requestReport(
    @Args() { input }: MutationRequestReportArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RequestReportPayload']> {
    return orUserErrors(async () => ({ report: await this.reports.request(principal, input) }));
  }

  @Mutation()
  cancelReport(
    @Args() { input }: MutationCancelReportArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['CancelReportPayload']> {
    return orUserErrors(async () => ({ report: await this.reports.cancel(principal, input) }));
  }
}
