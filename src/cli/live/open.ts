// Opens the live view where there is a terminal for it; what it needs is loaded only then.
import type { Console } from '../console.ts';
import type { Live, LiveNow, LiveOptions } from './live.ts';

/** The view begins when it has been loaded. Where there is no screen, nothing happens. */
export const openLive = (console: Console, on: 'stdout' | 'stderr', options: LiveOptions): Live => {
  let live: Live | null = null;
  let last: LiveNow | null = null;
  let closed = false;
  const load = async () => {
    const screen = await console.screen(on);
    if (screen === null) return;
    const { createLive } = await import('./live.ts');
    if (closed) return screen.close();
    live = createLive(screen, options);
    if (last) live.update(last);
  };
  // Without it a run is told line by line.
  load().catch(() => undefined);
  return {
    update: now => {
      last = now;
      live?.update(now);
    },
    close: () => {
      closed = true;
      live?.close();
    },
  };
};
