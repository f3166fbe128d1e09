import { writeFileSync } from 'node:fs';
import { servedOpenApiText } from '../test/support/openapi.ts';

/** `npm run openapi`: docs/openapi.json is what the routes say, after every change of one. */
const path = new URL('../docs/openapi.json', import.meta.url);
writeFileSync(path, servedOpenApiText());
console.log('docs/openapi.json is written.');
