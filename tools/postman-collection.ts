import { present } from '../src/assert.ts';
import { type ApiDocument, type Place, placesOf, requestOf } from './postman-request.ts';
import { type Step, workflow } from './postman-workflow.ts';

/** Every operation by its tag, behind a workflow that can be run as it is. */
export function describeCollection(document: ApiDocument): string {
  const places = placesOf(document);
  return write({
    info: {
      name: document.info.title,
      description:
        'Written by `npm run openapi` from docs/openapi.json. Run the folder "Workflow" with the environment beside it.',
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{access_token}}', type: 'string' }] },
    item: [
      {
        name: 'Workflow',
        description: 'Register, deposit, look at the balance, withdraw. Runs from top to bottom.',
        item: workflow().map((step) => stepItem(document, places, step)),
      },
      ...document.tags.flatMap(({ name, description }) => {
        const tagged = places.filter(({ operation }) => operation.tags.includes(name));
        const item = tagged.map((place) => operationItem(document, place));
        return item.length === 0 ? [] : [{ name, description, item }];
      }),
    ],
  });
}

/** What the collection reads and keeps; the workflow fills in the rest. */
export function describeEnvironment(): string {
  const values = [
    ['base_url', 'http://127.0.0.1:8000', 'default'],
    ['poll_ms', '1000', 'default'],
    ['email', '', 'default'],
    ['password', '', 'secret'],
    ['access_token', '', 'secret'],
    ['refresh_token', '', 'secret'],
  ];
  return write({
    name: 'Tollgate, started with "make up"',
    values: values.map(([key, value, type]) => ({ key, value, type, enabled: true })),
    _postman_variable_scope: 'environment',
  });
}

function write(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function operationItem(document: ApiDocument, place: Place): object {
  return { name: place.operation.summary, request: requestOf(document, place) };
}

function stepItem(document: ApiDocument, places: readonly Place[], step: Step): object {
  const found = places.find(({ operation }) => operation.operationId === step.operationId);
  const place = present(found, `the document has no operation ${step.operationId}`);
  const tests = [statusTest(document, place, step.status), step.after ?? ''];
  return {
    name: step.name,
    event: [
      ...(step.before === undefined ? [] : [event('prerequest', step.before)]),
      event('test', tests.filter((text) => text !== '').join('\n')),
    ],
    request: requestOf(document, place, step.sent),
  };
}

function event(listen: 'prerequest' | 'test', script: string): object {
  return { listen, script: { type: 'text/javascript', exec: script.split('\n') } };
}

/** Of each answer: its status, and that it is of the shape that the document promises. */
function statusTest(document: ApiDocument, { operation }: Place, status: number): string {
  const response = present(operation.responses[status], `${operation.operationId} → ${status}`);
  const isStatus = `pm.test('the answer is ${status}', () => pm.response.to.have.status(${status}));`;
  const schema = response.content?.['application/json']?.schema;
  if (schema === undefined) return isStatus;
  const shape = JSON.stringify(inline(document, schema));
  return `${isStatus}
pm.test('it is what the document promises', () => pm.response.to.have.jsonSchema(${shape}));`;
}

/** A script in Postman has no document to look a reference up in. */
function inline(document: ApiDocument, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => inline(document, each));
  if (typeof value !== 'object' || value === null) return value;
  if ('$ref' in value && typeof value.$ref === 'string') {
    const name = value.$ref.split('/').at(-1) ?? '';
    return inline(document, present(document.components.schemas[name], value.$ref));
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !['description', 'example', 'examples', 'title'].includes(name))
      .map(([name, each]) => [name, inline(document, each)]),
  );
}
