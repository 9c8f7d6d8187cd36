import { Module } from '@nestjs/common';
import { MODEL_SETTINGS } from '../../platform/injection/tokens.ts';
import type { ModelSettings } from '../../platform/model/settings.ts';
import { prismaProvider } from '../../platform/postgres/prisma.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { GenerationsService } from './generations.service.ts';
import { AiMetrics } from './metrics.ts';
import { GeminiModel } from './model/gemini.ts';
import { MODEL } from './model/model.ts';
import {
  GenerationEventResolver,
  GenerationFinishedResolver,
  GenerationResolver,
  GenerationResultResolver,
} from './resolvers/Generation.ts';
import { MutationResolver } from './resolvers/Mutation.ts';
import { QueryResolver } from './resolvers/Query.ts';
import { SubscriptionResolver } from './resolvers/Subscription.ts';
import { LIMITS, RUN_LIMITS, Runs } from './runs.ts';
import { AiTimers } from './timers.ts';

@Module({
  providers: [
    prismaProvider('ai', PrismaClient),
    {
      provide: MODEL,
      inject: [MODEL_SETTINGS],
      useFactory: ({ apiKey, ...settings }: ModelSettings) =>
        apiKey === undefined ? null : new GeminiModel({ ...settings, apiKey }),
    },
    { provide: RUN_LIMITS, useValue: LIMITS },
    AiMetrics,
    Runs,
    GenerationsService,
    AiTimers,
    QueryResolver,
    MutationResolver,
    SubscriptionResolver,
    GenerationResolver,
    GenerationResultResolver,
    GenerationEventResolver,
    GenerationFinishedResolver,
  ],
})
export class AiModule {}
