import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { EntityResolver } from '../../../platform/graphql/entity.resolver.ts';
import { toGlobalId } from '../../../platform/graphql/global-id.ts';
import { batched } from '../../../platform/graphql/loader.ts';
import type { NotificationTextArgs } from '../generated/graphql.ts';
import type { Notification } from '../generated/prisma/client.ts';
import { textOf } from '../kinds.ts';
import type { Reader } from '../languages.ts';
import { MailingsService } from '../mailings/mailings.service.ts';
import { NotificationsService } from '../notifications.service.ts';
import { ReportsService } from '../reports/reports.service.ts';
import { PreferencesService } from '../preferences.service.ts';

@Resolver('Notification')
export class NotificationResolver extends EntityResolver<Notification> {
  /** Preferences can change. So they are read again for each operation, and for each event of a subscription. */
  private readonly reader = batched<Reader>(
    async (ids) =>
      new Map(await Promise.all(ids.map(async (id) => [id, await this.preferences.readerOf(id)] as const))),
  );

  constructor(
    service: NotificationsService,
    private readonly preferences: PreferencesService,
    private readonly mailings: MailingsService,
    private readonly reports: ReportsService,
  ) {
    super('Notification', service.byId);
  }

  @ResolveField()
  async text(
    @Parent() row: Notification,
    @Args() { language }: NotificationTextArgs,
    @Context() context: GraphQLContext,
  ): Promise<string> {
    const reader = (await this.reader(context, row.userId)) as Reader;
    return textOf(row, language ? { ...reader, language } : reader);
  }

  @ResolveField()
  async body(@Parent() { kind, cause }: Notification, @Context() context: GraphQLContext): Promise<string | null> {
    return kind === 'MAILING' ? this.mailings.textById(context, cause) : null;
  }

  @ResolveField()
  createdAt(@Parent() { occurredAt }: Notification): Date {
    return occurredAt;
  }

  @ResolveField()
  async subject(
    @Parent() { subjectType, subjectId }: Notification,
    @Context() context: GraphQLContext,
  ): Promise<{ __typename: string; id: string } | null> {
    // A report belongs to this subgraph. Every other subject is a reference, which another subgraph resolves.
    if (subjectType === 'Report') {
      const report = await this.reports.byId(context, subjectId);
      return report && { __typename: subjectType, ...report };
    }
    return { __typename: subjectType, id: toGlobalId(subjectType, subjectId) };
  }
}
