import { SCENARIO_NAMES } from './settings.js';

export const USAGE = `usage: npm run bench -- [options]

Measures this program and its limits on one PostgreSQL, over HTTP, and checks the invariants afterwards.

  --scenario NAME     ${SCENARIO_NAMES.join(', ')} or all (but memory and growth); several with commas (default: order)
  --seconds N         measured seconds of each round (default: 8)
  --warm-up N         seconds before them that do not count (default: half of --seconds, 3 at the most)
  --rounds N          rounds of each contender, taken in turns (default: 5)
  --connections N     connections that order at the same time (default: 64)
  --processes N       processes of the program and of the bare server (default: the program as shipped, the bare server at its best)
  --only NAMES        only these contenders, with commas: suanpan, bare, pgbench
  --database-url URL  another PostgreSQL, as a user that may create databases (default: an embedded one). For growth, the database that
                      was filled (default: what npm run bench:fill has filled in DATA_DIR); SECRETS_KEY is its key
  --out FOLDER        where the results go, as JSON and as SVG (default: DATA_DIR/bench, or .data/bench)
  --write-docs        writes the numbers into docs/benchmarks.md
  --help              this text

PGBENCH names another pgbench than the one in PATH. DATA_DIR is where the embedded database lies while it runs.
`;
