/**
 * Node's own, without an import of the module: that reads everything that the module exports, and by one of its getters
 * loads the whole of undici, 25 ms of a start of 270.
 */
export const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http');
