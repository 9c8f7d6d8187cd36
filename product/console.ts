import type { Demo } from './demo.ts';

const BOLD = process.stdout.isTTY ? '\u001b[1m' : '';
const PLAIN = process.stdout.isTTY ? '\u001b[0m' : '';

/**
 * Prints a line for each step when the step begins. At the end of the step, a terminal shows another line in its place,
 * with a mark and the duration in seconds.
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

/** Prints the addresses, the users of the demo, and what to do next. */
export function welcome(origin: string, demo: Demo | undefined): void {
  console.log(
    `\n${BOLD}ProDvor${PLAIN} is up.\n\n  explorer   ${BOLD}${origin}/${PLAIN}${demo ? `   sign in there with one click: ${demo.people.join(', ')}` : ''}`,
  );
  console.log(`  API        ${origin}/graphql   (HTTP and graphql-transport-ws)`);
  if (demo) {
    console.log('  live       press play in the explorer: it follows the match that is played now');
    console.log(
      '  cup        the next tabs have the tables and the bracket of the cup, and everything that happens in it',
    );
    console.log(
      `  demo page  ${BOLD}${origin}${demo.path}${PLAIN}   notifications, push messages, reports, mailings and their e-mails, texts`,
    );
  }
  // The commands use port 4000 of this machine by default. So the text leaves out the flag for this address.
  const url = origin === 'http://127.0.0.1:4000' ? '' : ` --url ${origin}`;
  console.log(
    `  a World Cup: npm run import --${url} worldcup.json, then npm run replay --${url} --competition "World Cup 2022"\n\nCtrl-C ends everything.`,
  );
}
