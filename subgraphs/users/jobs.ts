import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { DeliveredJob, JobQueue } from '../../platform/messaging/job-queue/job-queue.ts';
import { jobPayloadOf, UnreadableJob } from '../../platform/messaging/job-queue/payload.ts';
import { JOB_QUEUE } from '../../platform/tokens.ts';
import { Emails, WelcomeEmail } from '../../schema/messages/users.ts';
import { UsersService } from './users.service.ts';

/** Work that may take its time. */
@Injectable()
export class UsersJobs implements OnApplicationBootstrap {
  constructor(
    @Inject(JOB_QUEUE) private readonly jobs: JobQueue,
    private readonly users: UsersService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.ensureQueues([Emails]);
    await this.jobs.work(Emails.name, { concurrency: 5, handler: (job) => this.handle(job) });
  }

  private async handle(job: DeliveredJob): Promise<void> {
    switch (job.kind) {
      case WelcomeEmail.kind:
        return this.users.sendWelcome(job.id, jobPayloadOf(job, WelcomeEmail));
      default:
        throw new UnreadableJob(`no handler for ${job.kind}`);
    }
  }
}
