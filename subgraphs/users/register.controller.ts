import { Body, Controller, HttpCode, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { type UserError, UserErrors } from '../../platform/graphql/user-errors.ts';
import { UsersService } from './users.service.ts';

interface Registered {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
}

/** `POST /register`: the mutation `register` for clients that do not speak GraphQL. 201 with the new user, or 422 with `userErrors`. */
@Controller()
export class RegisterController {
  constructor(private readonly users: UsersService) {}

  @Post('register')
  @HttpCode(201)
  async register(@Body() body: unknown, @Res({ passthrough: true }) res: Response): Promise<Registered | { userErrors: readonly UserError[] }> {
    try {
      const { id, username, displayName } = await this.users.register(body);
      return { id: toGlobalId('User', id), username, displayName };
    } catch (error) {
      if (!(error instanceof UserErrors)) throw error;
      res.status(422);
      return { userErrors: error.errors };
    }
  }
}
