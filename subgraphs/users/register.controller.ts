import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { type UserError, UserErrors } from '../../platform/graphql/user-errors.ts';
import { principalOf } from '../../platform/identity/principal.ts';
import { UsersService } from './users.service.ts';

interface Registered {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
}

/**
 * `POST /register`: the mutation `register` for clients without GraphQL. It answers 201 with the new user, 422 with
 * `userErrors`, or 429 with `Retry-After`.
 */
@Controller()
export class RegisterController {
  constructor(private readonly users: UsersService) {}

  @Post('register')
  @HttpCode(201)
  async register(
    @Body() body: unknown,
    @Req() req: Request,
    @Res({ passthrough: true }) res: Response,
  ): Promise<Registered | { userErrors: readonly UserError[] }> {
    try {
      const { id, username, displayName } = await this.users.register(principalOf(req), body);
      return { id: toGlobalId('User', id), username, displayName };
    } catch (error) {
      if (!(error instanceof UserErrors)) throw error;
      res.status(422);
      return { userErrors: error.errors };
    }
  }
}
