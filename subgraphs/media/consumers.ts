import { Injectable } from '@nestjs/common';
import { Consumers } from '../../platform/messaging/consumers/consumers.ts';
import { work } from '../../platform/messaging/consumers/declare.ts';
import { MediaProcessor, ProcessMedia } from '../../schema/messages/media.ts';
import { ProcessingService } from './processing.service.ts';

/**
 * How many files one process of this subgraph decodes at the same time. Each file needs a core and up to 1 GB of
 * memory.
 */
const AT_ONCE = 2;

/** Does the jobs of the queue media-processor. */
@Injectable()
export class MediaConsumers {
  constructor(consumers: Consumers, processing: ProcessingService) {
    consumers.worker(MediaProcessor, AT_ONCE, [work(ProcessMedia, ({ fileId }) => processing.process(fileId))]);
  }
}
