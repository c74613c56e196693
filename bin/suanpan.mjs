#!/usr/bin/env node
// `npx suanpan …`: the command-line aid, compiled first where a source is newer than what was compiled.
process.argv.splice(2, 0, 'cli');
await import('../scripts/start.mjs');
