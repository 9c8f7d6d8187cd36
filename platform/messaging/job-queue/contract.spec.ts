import { randomUUID } from 'node:crypto';
import { afterAll, describe } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { createTestDatabase } from '../../../test/database.ts';
import type { TestDatabase } from '../../../test/database.ts';
import { defined, jobQueueContract } from './contract.ts';
import { removeFromRabbitMq } from './rabbitmq/rabbitmq.broker.ts';

Logger.overrideLogger(false);

describe('PostgreSQL', () => {
  let database: TestDatabase | undefined;
  afterAll(() => database?.drop());
  jobQueueContract({
    remembersIds: true,
    async choose() {
      database = await createTestDatabase();
      return { adapter: 'postgres', url: database.url };
    },
  });
});

const rabbitMqUrl = process.env.RABBITMQ_URL;
if (!rabbitMqUrl) console.log('The contract of a job queue on RabbitMQ is skipped: RABBITMQ_URL is not set.');

(rabbitMqUrl ? describe : describe.skip)('RabbitMQ', () => {
  const exchange = `test-${randomUUID()}`;
  afterAll(() => removeFromRabbitMq(rabbitMqUrl!, exchange, defined));
  jobQueueContract({ remembersIds: false, choose: async () => ({ adapter: 'rabbitmq', url: rabbitMqUrl!, exchange }) });
});
