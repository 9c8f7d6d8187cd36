// npm run ai:provider [-- --port PORT] [--scenario NAME] [--pause MS]
// A local server with the HTTP API of the language models, for the work on clients: docs/ai.md.
import { parseArgs } from 'node:util';
import { SCENARIOS, type Scenario, startAiProvider } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4099' },
    scenario: { type: 'string', default: 'ok' },
    pause: { type: 'string', default: '60' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const list = Object.entries(SCENARIOS)
  .map(([name, what]) => `  ${name.padEnd(9)} ${what}`)
  .join('\n');
const [port, pauseMs] = [Number(values.port), Number(values.pause)];
const isRight =
  Object.hasOwn(SCENARIOS, values.scenario) && port >= 0 && port <= 65_535 && pauseMs >= 0 && pauseMs <= 10_000;
if (values.help || !isRight) {
  process.stdout.write(
    `Usage: npm run ai:provider -- [--port 4099] [--scenario ok] [--pause 60]\n\nScenarios:\n${list}\n`,
  );
  process.exitCode = values.help ? 0 : 1;
} else {
  const provider = await startAiProvider({ port, pauseMs });
  provider.always(values.scenario as Scenario);
  process.stdout.write(
    `The local provider answers on ${provider.url}. Start the product with it:\n\n` +
      `  GOOGLE_API_KEY=local AI_PROVIDER_URL=${provider.url} npm start\n\n` +
      `Another scenario: curl -X POST ${provider.url}/scenario -d '{"name":"refused"}'\n\n${list}\n`,
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void provider.close());
}
