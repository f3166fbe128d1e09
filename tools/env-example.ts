import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { settings } from '../src/config-table.ts';
import { describeSettings } from '../src/settings.ts';

/**
 * `node tools/env-example.ts` writes `.env.example` from the settings; a test keeps the two equal.
 */
writeFileSync(resolve(import.meta.dirname, '../.env.example'), describeSettings(settings));
