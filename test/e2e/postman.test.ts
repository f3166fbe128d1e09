import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { environment } from '../../src/config.ts';
import { openHome, quickSettings, type Settings, takePort } from '../support/gateway-home.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('newman runs the workflow against a gateway that "tollgate up" started', async (t) => {
  const { url, dataDir, command } = await bringUp(t);
  const report = join(dataDir, 'newman.json');
  const { code, output } = await runNewman(url, report);
  assert.equal(code, 0, output);

  const { run } = readReport(report);
  assert.deepEqual(run.failures, []);
  const names = run.executions.map(({ item }) => item.name);
  // Those that are asked again until the bank is done count once.
  assert.deepEqual([...new Set(names)], steps);
  assert(run.stats.assertions.total > 2 * steps.length, `${run.stats.assertions.total} assertions`);

  const audit = await command('audit');
  assert.equal(audit.code, 0, audit.output);
  const down = await command('down');
  assert.equal(down.code, 0, down.output);
});

const steps = [
  'Register',
  'Who am I',
  'Deposit',
  'Deposit again, under the same key',
  'Wait for the deposit',
  'Balance after the deposit',
  'Withdraw',
  'Withdraw again, under the same key',
  'Wait for the withdrawal',
  'Balance after the withdrawal',
  'Withdraw more than there is',
  'What happened',
  'Stay signed in',
  'Sign out',
];

interface Report {
  readonly run: {
    readonly failures: readonly unknown[];
    readonly executions: readonly { readonly item: { readonly name: string } }[];
    readonly stats: { readonly assertions: { readonly total: number } };
  };
}

function readReport(file: string): Report {
  // Proven by newman, whose own report it is.
  return JSON.parse(readFileSync(file, 'utf8')) as Report;
}

interface Said {
  readonly code: number;
  readonly output: string;
}

/** As `make up` does, with the limits on and a bank that refuses now and then. */
async function bringUp(t: TestContext) {
  const { dataDir } = openHome(t);
  const { PATH = '', HOME = '' } = environment();
  const port = String(await takePort());
  const env: Settings = {
    ...quickSettings,
    ...{ PATH, HOME, DATA_DIR: dataDir, PORT: port },
    BANK_SIMULATOR_PORT: String(await takePort()),
    BANK_SIMULATOR_SUCCESS_RATE: '0.9',
    RATE_LIMIT_ENABLED: 'true',
  };
  const program = join(root, 'bin', 'tollgate.js');
  const command = (word: string): Promise<Said> => execute([program, word], { cwd: dataDir, env });
  const up = await command('up');
  assert.equal(up.code, 0, up.output);
  return { url: `http://127.0.0.1:${port}`, dataDir, command };
}

/** The command of the README, with another address and a report. */
function runNewman(url: string, report: string): Promise<Said> {
  const newman = join(root, 'node_modules', 'newman', 'bin', 'newman.js');
  const files = ['docs/postman/collection.json', '-e', 'docs/postman/environment.json'];
  const where = ['--env-var', `base_url=${url}`, '--env-var', 'poll_ms=50'];
  const reports = ['--reporters', 'cli,json', '--reporter-json-export', report, '--color', 'off'];
  const { PATH = '', HOME = '' } = environment();
  const env = { PATH, HOME, NODE_OPTIONS: '--no-deprecation' };
  const args = [newman, 'run', ...files, '--folder', 'Workflow', ...where, ...reports];
  return execute(args, { cwd: root, env });
}

function execute(args: readonly string[], options: { cwd: string; env: Settings }): Promise<Said> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...args], options, (error, out, err) => {
      const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : 1;
      resolve({ code, output: out + err });
    });
  });
}
