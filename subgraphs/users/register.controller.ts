import { Body, Controller, HttpCode, HttpException, Post } from '@nestjs/common';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { UserErrors } from '../../platform/graphql/user-errors.ts';
import { UsersService } from './users.service.ts';

/** `POST /register`: the mutation `register` for clients that do not speak GraphQL. 201 with the new user, or 422 with `userErrors`. */
@Controller()
export class RegisterController {
  constructor(private readonly users: UsersService) {}

  @Post('register')
  @HttpCode(201)
  async register(@Body() body: unknown): Promise<{ id: string; username: string; displayName: string }> {
    try {
      const { id, username, displayName } = await this.users.register(body);
      return { id: toGlobalId('User', id), username, displayName };
    } catch (error) {
      if (error instanceof UserErrors) throw new HttpException({ userErrors: error.errors }, 422);
      throw error;
    }
  }
}
