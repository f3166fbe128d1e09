import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describeCollection, describeEnvironment } from './postman-collection.ts';
import type { ApiDocument } from './postman-request.ts';

/** `npm run openapi` ends with this: docs/postman is made of docs/openapi.json. */
const docs = new URL('../docs/', import.meta.url);
// Proven by tools/openapi.ts, which writes it.
const document = JSON.parse(readFileSync(new URL('openapi.json', docs), 'utf8')) as ApiDocument;
mkdirSync(new URL('postman/', docs), { recursive: true });
writeFileSync(new URL('postman/collection.json', docs), describeCollection(document));
writeFileSync(new URL('postman/environment.json', docs), describeEnvironment());
console.log('docs/postman is written.');
