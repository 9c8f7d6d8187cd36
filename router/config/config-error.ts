/** The error when the configuration cannot work. The message is one line that names the option and the problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
