/** The sizes of pictures: the longest side in pixels. A smaller picture is not enlarged. */
export const SIDES = { SMALL: 320, MEDIUM: 800, LARGE: 1600 } as const;
export type Size = keyof typeof SIDES;

/** A file that the processor has written, in the folder that it was given. */
export interface Made {
  readonly file: string;
  /** The size of a picture, or VIDEO for the video itself without its metadata. */
  readonly size: Size | 'VIDEO';
  readonly extension: 'webp' | 'avif' | 'mp4' | 'mov';
  readonly width: number | null;
  readonly height: number | null;
}

/** Why the content of a file is refused. */
export type Refusal = 'WRONG_TYPE' | 'UNREADABLE' | 'TOO_MANY_PIXELS' | 'TOO_DEMANDING';

export interface Processed {
  /** The size of the uploaded picture or video in pixels, after rotation. Null for a video of unknown size. */
  readonly width: number | null;
  readonly height: number | null;
  readonly durationMs: number | null;
  /** https://blurha.sh of the picture or poster. Null for a video without a poster. */
  readonly blurhash: string | null;
  readonly made: readonly Made[];
}

export type Outcome = Processed | { readonly refusal: Refusal };

export interface Task {
  readonly file: string;
  /** The content type that the client has announced. */
  readonly contentType: string;
  /** An empty folder for the results. */
  readonly folder: string;
  /** The program that makes the posters of videos. Default: `ffmpeg`. */
  readonly ffmpeg?: string;
}
