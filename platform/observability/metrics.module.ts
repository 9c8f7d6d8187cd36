import type { ServerResponse } from 'node:http';
import { Controller, Get, Inject, Module, Res } from '@nestjs/common';
import type { DynamicModule, OnApplicationShutdown } from '@nestjs/common';
import { Metrics, renderMetrics } from './metrics.ts';

@Controller()
class MetricsController {
  /**
   * The metrics in Prometheus' text format. They are not public: the gate of the port admits clients of this machine.
   */
  @Get('metrics')
  async metrics(@Res() res: ServerResponse): Promise<void> {
    const { contentType, text } = await renderMetrics();
    res.writeHead(200, { 'content-type': contentType }).end(text);
  }
}

/** `GET /metrics`, and {@link Metrics} to inject. */
@Module({})
export class MetricsModule implements OnApplicationShutdown {
  readonly #metrics: Metrics;

  constructor(@Inject(Metrics) metrics: Metrics) {
    this.#metrics = metrics;
  }

  static register(metrics: Metrics): DynamicModule {
    return {
      module: MetricsModule,
      global: true,
      controllers: [MetricsController],
      providers: [{ provide: Metrics, useValue: metrics }],
      exports: [Metrics],
    };
  }

  onApplicationShutdown(): void {
    this.#metrics.close();
  }
}
