import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { environment } from '../../src/config.ts';
import { declaredStatuses, openTestApi, type TestApi } from '../support/api.ts';
import { nameOf, operationsOf, servedDocument, servedOpenApiText } from '../support/openapi.ts';

const text = servedOpenApiText();
const document = servedDocument();
const operations = operationsOf(document);
const keptPath = fileURLToPath(new URL('../../docs/openapi.json', import.meta.url));

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

test('docs/openapi.json is what the routes say: npm run openapi', () => {
  const kept = readFileSync(keptPath, 'utf8').split('\n');
  const wanted = text.split('\n');
  // The first line in which they differ: all of them would fill the screen.
  const at = wanted.findIndex((line, index) => line !== kept[index]);
  assert.equal(at, -1, `out of date at line ${at + 1} (${wanted[at]}): npm run openapi`);
  assert.equal(kept.length, wanted.length, 'out of date at its end: npm run openapi');
});

test('every operation is told in words', () => {
  const wordless = operations.filter(
    ({ operation: { operationId, summary, description, tags } }) =>
      !/^[a-z]+[A-Za-z]*$/.test(operationId) ||
      summary === '' ||
      description === '' ||
      tags.length !== 1,
  );
  assert.deepEqual(
    wordless.map(nameOf),
    [],
    'their schemas need operationId, tags, summary and description: see CONTRIBUTING.md',
  );
});

/** Pages for people: no operations. */
const pages = ['GET /docs', 'GET /docs/start.js', 'GET /docs/scalar.js', 'GET /redoc'];

test('what is described and what is served are the same', () => {
  const served = [...declaredStatuses().keys()].filter((route) => !pages.includes(route));
  const described = operations.map(nameOf).map((name) => name.replaceAll(/\{(\w+)\}/g, ':$1'));
  assert.deepEqual(described.toSorted(), served.toSorted());
});

test('an address takes the methods that the document has for it, and says so', async () => {
  for (const [path, methods] of Object.entries(document.paths)) {
    const url = path.replaceAll(/\{\w+\}/g, 'x');
    const response = await api.inject({ method: 'PUT', url });
    assert.equal(response.statusCode, 405, path);
    const allowed = String(response.headers['allow']).split(', ');
    const described = Object.keys(methods).map((method) => method.toUpperCase());
    const wanted = described.includes('GET') ? [...described, 'HEAD'] : described;
    const told = allowed.filter((method) => method !== 'OPTIONS');
    assert.deepEqual(told.toSorted(), wanted.toSorted(), path);
  }
});

test('a server serves the document', async () => {
  const response = await api.inject({ method: 'GET', url: '/openapi.json' });
  assert.equal(response.statusCode, 200);
  assert.match(String(response.headers['content-type']), /^application\/json/);
  assert.equal(response.body, text);
});

test('the strict rules of Redocly find nothing in it', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      fileURLToPath(new URL('../../node_modules/@redocly/cli/bin/cli.js', import.meta.url)),
      'lint',
      keptPath,
      '--extends=recommended-strict',
      '--format=json',
    ],
    {
      // Nothing is asked of another host: neither what is new nor what we do.
      env: { ...environment(), REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
      maxBuffer: 1e8,
    },
  ).catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }));
  const report: { problems: { ruleId: string; message: string }[] } = JSON.parse(stdout);
  assert.deepEqual(
    report.problems.map(({ ruleId, message }) => `${ruleId}: ${message}`),
    [],
  );
});

for (const url of ['/docs', '/redoc']) {
  test(`${url} asks nothing of another host, and has no script in the page`, async () => {
    const response = await api.inject({ method: 'GET', url });
    assert.equal(response.statusCode, 200);
    assert.match(String(response.headers['content-type']), /^text\/html/);
    const policy = String(response.headers['content-security-policy']);
    assert.match(policy, /^default-src 'none'/);
    assert.doesNotMatch(policy, /https?:|\*|script-src[^;]*unsafe/);
    assert.doesNotMatch(response.body, /(src|href)="(https?:)?\/\/|<script>|\son[a-z]+=/);
    const parts = [...response.body.matchAll(/<script src="([^"]+)">/g)].map(([, src]) => src);
    for (const part of parts) {
      const script = await api.inject({ method: 'GET', url: String(part) });
      assert.equal(script.statusCode, 200, part);
      assert.match(String(script.headers['content-type']), /^text\/javascript/);
      assert.match(String(script.headers['cache-control']), /max-age/);
    }
  });
}

test('/redoc names every operation, and shows what it says as text', async () => {
  const { body } = await api.inject({ method: 'GET', url: '/redoc' });
  for (const { operation } of operations)
    assert.match(body, new RegExp(` id="${operation.operationId}"`));
  assert.doesNotMatch(body, /<script|javascript:/);
});
