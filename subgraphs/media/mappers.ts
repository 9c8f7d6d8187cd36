/** The objects that resolvers get for the types of the schema. */
export type { MediaEvent } from './generated/prisma/client.ts';
export type { FilePage as MediaFileConnection, FileWithVariants as MediaFile } from './media.service.ts';
/** References by the global id. */
export interface User {
  readonly id: string;
}
export type Team = User;
export type Match = User;
