import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { toGlobalId } from '../../../platform/graphql/global-id.ts';
import type { InboxEvent, Notification } from '../generated/prisma/client.ts';
import { NotificationsService } from '../notifications.service.ts';

const TYPES = { ADDED: 'NotificationAdded', READ: 'NotificationsRead', WITHDRAWN: 'NotificationsWithdrawn' } as const;

@Resolver('NotificationEvent')
export class NotificationEventResolver {
  @ResolveField()
  __resolveType({ kind }: InboxEvent): string {
    return TYPES[kind];
  }

  @ResolveField()
  createdAt(@Parent() { at }: InboxEvent): Date {
    return at;
  }
}

@Resolver('NotificationAdded')
export class NotificationAddedResolver {
  constructor(private readonly notifications: NotificationsService) {}

  @ResolveField()
  async notification(@Parent() event: InboxEvent, @Context() context: GraphQLContext): Promise<Notification | null> {
    const [id] = event.notificationIds;
    return id === undefined ? null : this.notifications.byId(context, id);
  }
}

@Resolver('NotificationsRead')
export class NotificationsReadResolver {
  @ResolveField()
  notificationIds(@Parent() event: InboxEvent): string[] {
    return event.notificationIds.map((id) => toGlobalId('Notification', id));
  }
}

@Resolver('NotificationsWithdrawn')
export class NotificationsWithdrawnResolver extends NotificationsReadResolver {}
