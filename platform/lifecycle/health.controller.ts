import type { ServerResponse } from 'node:http';
import { Controller, Get, Inject, Module, Res } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { Health } from './health.ts';

/**
 * `live`: the event loop runs; restart the process if it does not answer. `ready`: the process can serve requests;
 * otherwise the answer names the failed probes without their errors.
 */
@Controller('health')
class HealthController {
  readonly #health: Health;

  constructor(@Inject(Health) health: Health) {
    this.#health = health;
  }

  @Get('live')
  live(): { status: string } {
    return { status: 'ok' };
  }

  @Get('ready')
  async ready(@Res() res: ServerResponse): Promise<void> {
    const { ready, failed } = await this.#health.readiness();
    res.writeHead(ready ? 200 : 503, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    res.end(JSON.stringify(ready ? { status: 'ok' } : { status: 'unavailable', failed }));
  }
}

@Module({})
export class HealthModule {
  static register(health: Health): DynamicModule {
    return {
      module: HealthModule,
      controllers: [HealthController],
      providers: [{ provide: Health, useValue: health }],
    };
  }
}
