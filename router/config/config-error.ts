/** A configuration that cannot work; the message is one line that says what and where. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
