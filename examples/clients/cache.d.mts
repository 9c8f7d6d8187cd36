/** Makes the module with the settings of the caches. @param sdl the API's schema. @returns the source of the module */
export function cacheModule(sdl: string): string;
