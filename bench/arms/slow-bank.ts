import { type Arm, calmDown, describeWindow, paymentJob } from '../arm.ts';
import { askBank } from '../bank.ts';
import { readMemory } from '../cpu.ts';
import { measureWindow } from '../measure.ts';
import { atLeast, atMost, figure } from '../report.ts';
import { openWorld } from '../world.ts';

/** Thousands of calls under way at a bank that takes 2 to 10 seconds, from one process. */
export const slowBank: Arm = {
  name: 'slow-bank',
  about: 'payments in flight at the 2–10 s bank from one process, and its memory',
  run: async (bench) => {
    const { isQuick } = bench.scale;
    const bankDelay = isQuick ? { min: 0.2, max: 1 } : { min: 2, max: 10 };
    const { system, load, money, tokens } = await openWorld(bench, {
      bankDelay,
      people: isQuick ? 50 : 1_000,
    });
    await calmDown(system.ownerUrl);
    // More than the gateway's limit of calls in flight, so that it is the limit that binds.
    const pace = { kind: 'settled', bankPort: system.bankPort, unsettledMax: 9_000 } as const;
    // Whoever calls the bank: that process has the sockets, and the memory they take.
    const [worker] = system.beside?.['workers'] ?? [];
    const [pid, who] = worker === undefined ? [system.pid, 'gateway'] : [worker, 'worker'];
    const seen = { inFlight: 0, memoryMb: 0 };
    const window = await measureWindow(
      system,
      load,
      {
        job: paymentJob({ port: system.port, connections: 64, tokens, pace }),
        // All calls of the first wave have ended by then; the next ones come evenly.
        warmUpMs: isQuick ? 1_500 : 18_000,
        windowMs: isQuick ? 1_000 : 12_000,
        look: async () => {
          seen.inFlight = Number((await askBank(system.bankPort, '/health'))['in_flight']);
          seen.memoryMb = readMemory(pid).nowMb;
        },
      },
      money.prove,
    );
    bench.say(describeWindow('slow bank', window));
    const { peakMb } = readMemory(pid);
    const name = `the ${bankDelay.min}–${bankDelay.max} s bank`;
    return [
      figure(`payments in flight at ${name}`, 'payments', [seen.inFlight], atLeast(6000)),
      figure(`settled at ${name}`, 'payments/s', [window.settledPerSecond], atLeast(1000)),
      figure(`${who} memory meanwhile`, 'MB', [seen.memoryMb], atMost(512)),
      figure(`${who} memory, peak`, 'MB', [peakMb]),
    ];
  },
};
