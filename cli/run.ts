import { SIGN_HELP } from './help/sign.js';
import { USAGE } from './help/usage.js';
import { VERIFY_HELP } from './help/verify.js';
import { sign } from './sign/command.js';
import { UsageError } from './usage-error.js';
import { verifyCallback } from './verify/command.js';
import type { World } from './world.js';

interface Command {
  readonly help: string;
  readonly run: (gateway: string, args: readonly string[], world: World) => Promise<boolean>;
}

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['verify-callback', { help: VERIFY_HELP, run: verifyCallback }],
  ['sign', { help: SIGN_HELP, run: sign }],
]);

/** Runs one command, and answers the exit code: 0 verified, 1 not verified, 2 not a usable command. */
export async function run(world: World): Promise<0 | 1 | 2> {
  const [name, gateway, ...rest] = world.args;
  const command = COMMANDS.get(name ?? '');
  const asksForHelp = world.args.some((argument) => argument === '--help' || argument === '-h') || name === 'help';
  if (asksForHelp) {
    world.out(command?.help ?? USAGE);
    return 0;
  }
  try {
    if (name === undefined) throw new UsageError('no command is given');
    if (command === undefined) throw new UsageError(`there is no command ${name}: there are ${[...COMMANDS.keys()].join(' and ')}`);
    return (await command.run(gateway ?? '', rest, world)) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    if (name === undefined) world.err(`${USAGE}\n`);
    world.err(`suanpan${command === undefined ? '' : ` ${name}`}: ${error.message} (--help says how it is used)\n`);
    return 2;
  }
}
