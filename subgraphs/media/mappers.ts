import type { Counted } from '../../platform/graphql/connection.ts';
import type { FileWithVariants } from './media.service.ts';

/** The objects that resolvers get for the types of the schema. */
export type { MediaEvent } from './generated/prisma/client.ts';
export type { FileWithVariants as MediaFile } from './media.service.ts';
export type MediaFileConnection = Counted<FileWithVariants>;
/** References by the global id. */
export interface User {
  readonly id: string;
}
export type Team = User;
export type Match = User;
