/** The module's text. */
export function cacheModule(sdl: string): string;
