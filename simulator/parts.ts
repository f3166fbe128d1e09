import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import { openBank } from './bank.ts';
import { openCallbacks } from './callbacks.ts';
import { countCalls } from './calls.ts';
import { systemClock as clock } from './clock.ts';
import { openControl } from './control.ts';
import { openDesk } from './desk.ts';
import { openLateArrivals } from './late.ts';
import type { Ledger } from './ledger.ts';
import { createListener, type Listener } from './listener.ts';
import { secureRandom, seededRandom } from './random.ts';
import { openRules, type Rules } from './rules.ts';
import { createBankServer } from './server.ts';
import type { Settings } from './settings.ts';
import { openStatements, type Statements } from './statements.ts';

export interface Parts {
  /** Where transfers come in. */
  readonly front: Listener;
  /** The control's own door on a free loopback port: open when the front refuses connections. */
  readonly back: Listener;
  readonly rules: Rules;
  readonly statements: Statements;
  /** Forgets what is under way. */
  readonly stop: () => void;
}

/** Puts the bank together around its books. */
export function openParts(settings: Settings, ledger: Ledger, log: Logger): Parts {
  const random = settings.seed === null ? secureRandom() : seededRandom(settings.seed);
  const bank = openBank({ ...settings, ledger, random, clock });
  const calls = countCalls(clock);
  const late = openLateArrivals(clock);
  const callbacks = openCallbacks(settings.callbacks, clock);
  const rules = openRules({ random, clock, onChange: () => followRules() });
  const { delayMsMax } = settings;
  const desk = openDesk({ bank, rules, calls, callbacks, late, clock, delayMsMax });
  const statements = openStatements({
    source: ledger,
    folder: join(dirname(settings.dataFile), 'statements'),
    clock,
    log,
  });
  const control = openControl({
    rules,
    callbacks,
    calls,
    statements,
    clock,
    rulesAtStart: settings.rules,
    resetMore: () => {
      late.drop();
      callbacks.aim(settings.callbacks);
    },
    describe: () => ({ control_url: `http://127.0.0.1:${back.port()}`, late: late.count() }),
  });
  const identity = {
    process: 'simulator',
    pid: process.pid,
    data_file: settings.dataFile,
    settings: settings.words,
  };
  const shared = { bank, desk, control, statements, ledger, clock, log, identity };
  const front = createListener(createBankServer({ ...shared, takesTransfers: true }), settings);
  const back = createListener(createBankServer({ ...shared, takesTransfers: false }), {
    host: '127.0.0.1',
    port: 0,
  });
  const followRules = (): void => front.setRefusing(rules.isOn('outage-refused'));
  return {
    front,
    back,
    rules,
    statements,
    stop: () => {
      statements.stop();
      bank.stop();
      late.drop();
      callbacks.reset();
      rules.replace([]);
    },
  };
}
