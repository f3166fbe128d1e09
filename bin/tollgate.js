#!/usr/bin/env node
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

// Plain JavaScript on purpose: it must be able to run, and to speak, on a Node that is too old.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 10)) {
  console.error(
    `Tollgate needs Node.js 24.10 or newer and was started with ${process.version}. ` +
      'Use "make up" or "npm run tollgate", which bring the right one, or run "npm ci" first.',
  );
  process.exit(1);
}

// Compiled code is kept beside the packages: a start spends most of its time on loading modules. Where
// the folder cannot be written, nothing is kept.
nodeModule.enableCompileCache(
  fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)),
);
await import('../src/main.ts');
