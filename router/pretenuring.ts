import { flushCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';

/**
 * For a process that serves, once all is loaded. With a few hundred requests under way, V8 sees that what they are made
 * of outlives young collections and from then on makes it in the old generation, where it keeps all that it leads to
 * from being freed: docs/decisions/0016.
 */
export function stopPretenuring(): void {
  // What V8 compiled is good for the flags that it was compiled with; it has to be written before they change.
  flushCompileCache();
  setFlagsFromString('--no-allocation-site-pretenuring');
}
