export { useEmbeddedServer as default } from './servers.mjs';
