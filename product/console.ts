import type { DemoLeague } from './demo.ts';

const BOLD = process.stdout.isTTY ? '\u001b[1m' : '';
const PLAIN = process.stdout.isTTY ? '\u001b[0m' : '';

/** A line per step, with the seconds it took once the next one begins. */
export function progress(): { step: (name: string) => void; done: () => void; failed: () => void } {
  let current: { name: string; since: number } | undefined;
  const end = (mark: string): void => {
    if (current) console.log(`  ${mark} ${current.name} ${((performance.now() - current.since) / 1000).toFixed(1)} s`);
    current = undefined;
  };
  return {
    step(name) {
      end('✓');
      current = { name, since: performance.now() };
    },
    done: () => end('✓'),
    failed: () => end('✗'),
  };
}

/** Where to look, whom to be, what to paste. */
export function welcome(origin: string, league: DemoLeague | undefined): void {
  console.log(`\n${BOLD}ProDvor${PLAIN} is up.\n\n  explorer   ${BOLD}${origin}/${PLAIN}   sign in there with one click${league ? `: ${league.people.join(', ')}` : ''}`);
  console.log(`  API        ${origin}/graphql   (HTTP and graphql-transport-ws)`);
  if (league) console.log(`  live       paste this into the explorer:\n\n${league.subscription().replace(/^/gm, '    ')}\n`);
  console.log('  a World Cup: npm run import -- worldcup.json, then npm run replay -- --competition "World Cup 2022"\n\nCtrl-C ends everything.');
}
