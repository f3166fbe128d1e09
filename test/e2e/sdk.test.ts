import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { environment } from '../../src/config.ts';
import { startTestGateway } from '../support/gateway.ts';
import { proveMoney } from '../support/proof.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sdk = join(root, 'sdk');

test('the README example of the SDK does what it says, on the package as it is built', async (t) => {
  const gateway = await startTestGateway(t, { env: { RATE_LIMIT_ENABLED: 'true' } });
  const folder = await buildPackage(gateway.dataDir);
  const examples = writeExamples(folder);
  assert.equal(examples.length, 3);
  await run(folder, [join(sdk, 'node_modules/typescript/bin/tsc'), '-p', folder]);

  const output = await run(folder, [join(folder, 'example-1.ts')], { TOLLGATE_URL: gateway.url });
  assert.deepEqual(output.trim().split('\n'), [
    'deposit: SUCCESS',
    'the same withdrawal: true',
    'refused: insufficient_funds',
    'withdrawal: 30.00 USD',
    'deposit: 100.00 USD',
    'balance: 70.00, available: 70.00',
  ]);
  const { succeeded, failed } = await proveMoney({ ...gateway, settled: true });
  assert.deepEqual({ succeeded, failed }, { succeeded: 2, failed: 1 });
});

/** As a registry would hand it out: JavaScript and declarations, found by its name. */
async function buildPackage(below: string): Promise<string> {
  const folder = join(below, 'sdk-example');
  const home = join(folder, 'node_modules/@tollgate/sdk');
  mkdirSync(home, { recursive: true });
  const tsc = join(sdk, 'node_modules/typescript/bin/tsc');
  await run(sdk, [tsc, '-p', 'tsconfig.build.json', '--outDir', join(home, 'dist')]);
  cpSync(join(sdk, 'package.json'), join(home, 'package.json'));
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(strictOptions));
  return folder;
}

/** A user of it is at least as strict as most. */
const strictOptions = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2022'],
    module: 'nodenext',
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
    strict: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
  },
  include: ['*.ts'],
};

function writeExamples(folder: string): string[] {
  const page = readFileSync(join(sdk, 'README.md'), 'utf8');
  const examples = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1] ?? '');
  for (const [at, text] of examples.entries())
    writeFileSync(join(folder, `example-${at + 1}.ts`), text);
  return examples;
}

function run(
  cwd: string,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { PATH = '', HOME = '' } = environment();
  const env = { PATH, HOME, ...settings };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...args], { cwd, env }, (error, out, err) => {
      if (error === null) resolve(out);
      else reject(new Error(`${args.join(' ')}\n${out}${err}`));
    });
  });
}
