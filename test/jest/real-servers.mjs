export { useRealServers as default } from './servers.mjs';
