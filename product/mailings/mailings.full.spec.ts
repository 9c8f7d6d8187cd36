import { describe } from '@jest/globals';
import { testDeadStep } from './dead.fixture.ts';
import { testKilledWorker } from './killed.fixture.ts';

const { RABBITMQ_URL = '', KAFKA_BROKERS = '' } = process.env;
const SKIP = RABBITMQ_URL === '' || KAFKA_BROKERS === '' ? 'RABBITMQ_URL or KAFKA_BROKERS is not set' : false;

(SKIP ? describe.skip : describe)('a mailing by a worker of its own, with RabbitMQ', () => {
  testKilledWorker('full', 300);
  testDeadStep('full', 20);
});
