import type { DemoLeague } from './demo.ts';

const BOLD = process.stdout.isTTY ? '\u001b[1m' : '';
const PLAIN = process.stdout.isTTY ? '\u001b[0m' : '';

/**
 * Prints a line per step. On a terminal the step's name appears at once, and its seconds when it is done; elsewhere the
 * line appears when the step begins.
 */
export function progress(): { step: (name: string) => void; done: () => void; failed: () => void } {
  const terminal = process.stdout.isTTY;
  let current: { name: string; since: number } | undefined;
  const end = (mark: string): void => {
    if (current && terminal)
      process.stdout.write(
        `\r  ${mark} ${current.name} ${((performance.now() - current.since) / 1000).toFixed(1)} s\n`,
      );
    current = undefined;
  };
  return {
    step(name) {
      end('✓');
      current = { name, since: performance.now() };
      process.stdout.write(terminal ? `  … ${name}` : `  ${name} …\n`);
    },
    done: () => end('✓'),
    failed: () => end('✗'),
  };
}

/** Prints the addresses, and the people to sign in as. */
export function welcome(origin: string, league: DemoLeague | undefined): void {
  console.log(
    `\n${BOLD}ProDvor${PLAIN} is up.\n\n  explorer   ${BOLD}${origin}/${PLAIN}${league ? `   sign in there with one click: ${league.people.join(', ')}` : ''}`,
  );
  console.log(`  API        ${origin}/graphql   (HTTP and graphql-transport-ws)`);
  if (league) console.log('  live       press play in the explorer: it follows the match that is played now');
  // The commands use this address by default.
  const url = origin === 'http://127.0.0.1:4000' ? '' : ` --url ${origin}`;
  console.log(
    `  a World Cup: npm run import --${url} worldcup.json, then npm run replay --${url} --competition "World Cup 2022"\n\nCtrl-C ends everything.`,
  );
}
