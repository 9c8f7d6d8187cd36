/** Bytes of a megabyte. */
export const MB = 1_000_000;

const PICTURES = { 'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp', 'image/avif': 'avif' } as const;
const VIDEOS = { 'video/mp4': 'mp4', 'video/quicktime': 'mov' } as const;

/** The extension of each accepted content type. */
export const EXTENSIONS = { ...PICTURES, ...VIDEOS } as const;
export type ContentType = keyof typeof EXTENSIONS;
export const CONTENT_TYPES = Object.keys(EXTENSIONS) as ContentType[];

interface Kind {
  /**
   * Whether everybody may see a file while an avatar, a logo or a match shows it. Its pictures have keys below
   * `public/`.
   */
  readonly isPublic: boolean;
  /** The largest number of bytes of a picture. */
  readonly picture: number;
  /** The largest number of bytes of a video; 0 when the kind allows no videos. */
  readonly video: number;
}

/** What files are for. The keys are stored. The descriptions in schema/media.graphql have the same numbers. */
export const KINDS = {
  AVATAR: { isPublic: true, picture: 10 * MB, video: 0 },
  TEAM_LOGO: { isPublic: true, picture: 10 * MB, video: 0 },
  MATCH_PHOTO: { isPublic: true, picture: 20 * MB, video: 0 },
  ATTACHMENT: { isPublic: false, picture: 20 * MB, video: 500 * MB },
} as const satisfies Record<string, Kind>;
export type KindName = keyof typeof KINDS;
export const KIND_NAMES = Object.keys(KINDS) as KindName[];

/** The largest number of bytes of a file of this kind and type; 0 when the kind has no such files. */
export const mostBytes = (kind: KindName, type: ContentType): number =>
  type in VIDEOS ? KINDS[kind].video : KINDS[kind].picture;

/** Clients send a larger file in parts of this size; the last part may be smaller. Bytes. */
export const PART_BYTES = 16 * 2 ** 20;

/** The limits for one person: stored files, their bytes in total, and uploads that are not complete. */
export const QUOTA = { files: 2_000, bytes: 2_000 * MB, uploads: 50 } as const;
