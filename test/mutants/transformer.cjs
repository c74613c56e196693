// Compiles one source file with all its mutants in it; MUTANT says which of them a test runs. 0 is the file as it is.
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { resolve } = require('node:path');
const ordinary = require('../support/swc-cjs-transformer.cjs');

const plan = JSON.parse(readFileSync(process.env.MUTANTS_PLAN, 'utf8'));
const target = resolve(plan.file);
const digest = createHash('sha1').update(JSON.stringify(plan.mutants)).digest('hex');

module.exports = {
  getCacheKey: (text, file, options) => ordinary.getCacheKey(text, file, options) + (file === target ? digest : ''),
  process(text, file) {
    if (file !== target) return ordinary.process(text, file);
    const compiled = (source) => ordinary.process(source, file).code.replace(/\/\/# sourceMappingURL=.*$/m, '');
    const cases = plan.mutants.map(
      ({ id, start, end, replacement }) => `case '${id}': {\n${compiled(text.slice(0, start) + replacement + text.slice(end))}\nbreak; }`,
    );
    return { code: `"use strict";\nswitch (process.env.MUTANT) {\n${cases.join('\n')}\ndefault: {\n${compiled(text)}\n} }` };
  },
};
