import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { EntityResolver } from '../../../platform/graphql/entity.resolver.ts';
import { toGlobalId } from '../../../platform/graphql/global-id.ts';
import type { ReportFailure, ReportFormat, ReportKind, ResolversTypes } from '../generated/graphql.ts';
import type { Report, ReportEvent } from '../generated/prisma/client.ts';
import { ReportsService } from '../reports/reports.service.ts';

@Resolver('Report')
export class ReportResolver extends EntityResolver<Report> {
  constructor(private readonly reports: ReportsService) {
    super('Report', reports.byId);
  }

  @ResolveField()
  kind(@Parent() { kind }: Report): ReportKind {
    return kind as ReportKind;
  }

  @ResolveField()
  format(@Parent() { format }: Report): ReportFormat {
    return format as ReportFormat;
  }

  @ResolveField()
  language(@Parent() { language }: Report): ResolversTypes['Language'] {
    return language as ResolversTypes['Language'];
  }

  @ResolveField()
  failure(@Parent() { failure }: Report): ReportFailure | null {
    return failure as ReportFailure | null;
  }

  @ResolveField()
  subject(@Parent() { subjectType, subjectId }: Report): { __typename: string; id: string } {
    return { __typename: subjectType, id: toGlobalId(subjectType, subjectId) };
  }

  @ResolveField()
  url(@Parent() report: Report, @Context() { principal }: GraphQLContext): Promise<string | null> {
    return this.reports.url(principal, report);
  }
}

@Resolver('ReportEvent')
export class ReportEventResolver {
  constructor(private readonly reports: ReportsService) {}

  @ResolveField()
  createdAt(@Parent() { at }: ReportEvent): Date {
    return at;
  }

  @ResolveField()
  reportId(@Parent() { reportId }: ReportEvent): string {
    return toGlobalId('Report', reportId);
  }

  @ResolveField()
  report(@Parent() { reportId }: ReportEvent, @Context() context: GraphQLContext): Promise<Report | null> {
    return this.reports.byId(context, reportId);
  }
}
