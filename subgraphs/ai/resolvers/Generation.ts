import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { failureOf } from '../errors.ts';
import { type FlowName, FLOWS } from '../flows/flows.ts';
import type { ResolversTypes } from '../generated/graphql.ts';
import type { Generation, GenerationEvent } from '../generated/prisma/client.ts';
import { GenerationsService } from '../generations.service.ts';
import type { GenerationFailure } from '../mappers.ts';

type Result = ResolversTypes['GenerationResult'];

@Resolver('Generation')
export class GenerationResolver {
  @ResolveField()
  flow(@Parent() { flow }: Generation): ResolversTypes['GenerationFlow'] {
    return FLOWS[flow as FlowName].value;
  }

  @ResolveField()
  seq(@Parent() { lastSeq }: Generation): number {
    return lastSeq;
  }

  @ResolveField()
  result(@Parent() { flow, result }: Generation): Result | null {
    return result === null
      ? null
      : ({ ...(result as object), __typename: TYPES[flow as FlowName] } as unknown as Result);
  }

  @ResolveField()
  failure(@Parent() { state, failure, retryAfter }: Generation): GenerationFailure | null {
    return state === 'FAILED' ? { reason: failureOf(failure), retryAfter } : null;
  }
}

const TYPES = {
  matchReport: 'MatchReport',
  tournamentAnnouncement: 'TournamentAnnouncement',
  trainingPlan: 'TrainingPlan',
  teamNames: 'TeamNames',
  moderationHint: 'ModerationHint',
  translation: 'Translation',
} as const satisfies Record<FlowName, string>;

@Resolver('GenerationResult')
export class GenerationResultResolver {
  @ResolveField()
  __resolveType({ __typename: type }: { readonly __typename: string }): string {
    return type;
  }
}

const EVENTS = { TEXT: 'TextAdded', DISCARDED: 'TextDiscarded', DONE: 'GenerationFinished', FAILED: '' } as const;

@Resolver('GenerationEvent')
export class GenerationEventResolver {
  @ResolveField()
  __resolveType({ kind }: GenerationEvent): string {
    return EVENTS[kind];
  }

  @ResolveField()
  createdAt(@Parent() { at }: GenerationEvent): Date {
    return at;
  }
}

@Resolver('GenerationFinished')
export class GenerationFinishedResolver {
  constructor(private readonly generations: GenerationsService) {}

  @ResolveField()
  generation(@Parent() event: GenerationEvent): Promise<Generation> {
    return this.generations.ofEvent(event);
  }
}
