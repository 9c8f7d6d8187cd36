import { flushCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';

/**
 * Turns off V8's allocation-site pretenuring. A serving process calls it once after it has loaded its modules. With a
 * few hundred requests in flight, V8 sees that their objects survive young collections. From then on it allocates such
 * objects in the old generation, where each keeps everything that it references alive. See docs/decisions/0016.
 */
export function stopPretenuring(): void {
  // V8's compile cache is valid only for the flags that V8 compiled with. It must be written before the flags change.
  flushCompileCache();
  setFlagsFromString('--no-allocation-site-pretenuring');
}
