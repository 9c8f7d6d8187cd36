/**
 * Node's http module without an `import`. An import reads every export of the module, and one of its getters loads all
 * of undici: 25 ms of a start of 270 ms.
 */
export const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http');
