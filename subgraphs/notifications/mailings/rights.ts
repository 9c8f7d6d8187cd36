import { Inject, Injectable } from '@nestjs/common';
import { toGlobalId } from '../../../platform/graphql/global-id.ts';
import { QUESTIONS } from '../../../platform/injection/tokens.ts';
import type { Questions } from '../../../platform/questions/questions.ts';
import { ViewerRole } from '../../../schema/questions/teams.ts';
import { ViewerOrganizes } from '../../../schema/questions/tournaments.ts';
import type { About } from './mailing.ts';

const LEADERS: readonly (string | null)[] = ['OWNER', 'CAPTAIN'];

/**
 * Checks who may send mailings to the people of a tournament or team. Each check asks the subgraph that owns the data.
 */
@Injectable()
export class MailingRights {
  constructor(@Inject(QUESTIONS) private readonly questions: Questions) {}

  /**
   * Whether the person organizes the tournament, or is the owner or a captain of the team, now. Administrators have no
   * such right, because roles of the realm are not known when a mailing runs.
   * @throws NoAnswer
   */
  async mayMail(userId: string, { type, id }: About): Promise<boolean> {
    const viewer = { userId, roles: [] };
    if (type === 'Tournament') return this.questions.ask(ViewerOrganizes, toGlobalId(type, id), viewer);
    return LEADERS.includes(await this.questions.ask(ViewerRole, toGlobalId(type, id), viewer));
  }
}
