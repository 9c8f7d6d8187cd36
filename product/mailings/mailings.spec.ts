import { describe } from '@jest/globals';
import { testDeadStep } from './dead.fixture.ts';
import { testKilledWorker } from './killed.fixture.ts';

describe('a mailing by a worker of its own, with the queue of PostgreSQL', () => {
  testKilledWorker('embedded', 200);
  testDeadStep('embedded', 20);
});
