import { parseArgs } from 'node:util';

/**
 * Parses the arguments of a command. Prints the help and exits if asked to. For invalid arguments it prints one line
 * and exits with code 2.
 * @param options as for parseArgs; {number: default} is a number from 0
 */
export function command(help, options) {
  if (!process.features.typescript) {
    process.stderr.write(
      `the router needs a Node that runs TypeScript, not ${process.version}; npm run takes the one in node_modules\n`,
    );
    process.exit(2);
  }
  const numbers = Object.entries(options).filter(([, option]) => 'number' in option);
  const texts = numbers.map(([name, { number }]) => [name, { type: 'string', default: String(number) }]);
  const given = { ...options, help: { type: 'boolean' }, ...Object.fromEntries(texts) };
  try {
    const { values } = parseArgs({ allowNegative: true, options: given });
    if (values.help) {
      process.stdout.write(help);
      process.exit(0);
    }
    for (const [name] of numbers) {
      const text = values[name];
      if (text.trim() === '' || !(Number(text) >= 0)) throw new Error(`--${name} ${text}: a number from 0 is needed`);
      values[name] = Number(text);
    }
    return values;
  } catch (error) {
    process.stderr.write(`${error.message}; --help shows all options\n`);
    return process.exit(2);
  }
}
