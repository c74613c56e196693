import type { Direction } from '../proxy/flow.js';
import type { Link } from '../proxy/link.js';
import type { Proxy } from '../proxy/proxy.js';
import { firstWrite } from '../probe.js';
import { processesOf, type Stage } from '../stage.js';
import { ownerOf, signal, type Process } from '../world/processes.js';
import { measured, type Injected, type Kind } from './kind.js';

const API_BOUND = 3_000;
/** What is waited for comes by within this, or the fault is not made. */
const LONGEST_WAIT = 6_000;

/** A connection is somebody's after this. In milliseconds. */
const UNTIL_TAKEN = 2;

/** A moment in what a process says to another: nothing needs to be built into the program to meet it there. */
interface Moment {
  /** Where it is seen. */
  readonly at: (stage: Stage) => readonly Proxy[];
  /** Who is killed: whoever called through the proxy, or whoever is called. */
  readonly victim: 'caller' | 'server';
  /** What the caller says, in bytes that are its own. */
  readonly says: RegExp;
  /** Before it has been said to the other side, or once that has answered and before the answer arrives. */
  readonly when: 'before' | 'after';
}

/** Kills the process at this moment, and keeps from passing what was about to. */
async function killAt(stage: Stage, { at, victim, says, when }: Moment): Promise<Injected> {
  const proxies = at(stage);
  let killed = 0;
  const since = await new Promise<number | undefined>((met) => {
    /** Who was asked, by connection: whoever has answered may have closed it by then. */
    const asked = new Map<Link, Process | undefined>();
    const timer = setTimeout(() => met(undefined), LONGEST_WAIT);
    const ownerOn = (link: Link) => ownerOf(victim === 'caller' ? link.callerPort : link.serverPort, victim, processesOf(stage));
    const strike = (link: Link) => {
      const found = ownerOn(link) ?? asked.get(link);
      if (found && signal(found.pid, 'SIGKILL')) killed += 1;
      clearTimeout(timer);
      met(performance.now());
    };
    const watch = (piece: Buffer, direction: Direction, link: Link): 'pass' | 'swallow' => {
      if (killed > 0) return 'pass';
      const isIt = direction === 'up' ? says.test(piece.toString('latin1')) : asked.has(link);
      if (!isIt) return 'pass';
      if (direction === 'up' && when === 'after') {
        asked.set(link, undefined);
        // The server has to take the connection first.
        setTimeout(() => asked.has(link) && asked.set(link, ownerOn(link)), UNTIL_TAKEN);
        return 'pass';
      }
      strike(link);
      return 'swallow';
    };
    for (const proxy of proxies) proxy.watched(watch);
  });
  for (const proxy of proxies) proxy.watched(undefined);
  if (since === undefined || killed === 0) return { note: 'the moment did not come' };
  return { killed, recovery: measured(await firstWrite(stage, since)) };
}

const failpoint = (name: string, title: string, moment: Moment): Kind => ({
  name,
  title,
  weight: 2,
  bound: API_BOUND,
  inject: (stage) => killAt(stage, moment),
});

const calls = ({ calls: proxy }: Stage) => [proxy];
const databases = ({ sides }: Stage) => sides.map(({ back }) => back);
const fronts = ({ sides }: Stage) => sides.map(({ front }) => front);
const notices = ({ notices: proxy }: Stage) => [proxy];

/** As each gateway is asked. */
const STARTS = /alipay\.trade\.precreate|\/v3\/pay\/transactions\/(?:native|h5)/;
const REFUNDS = /alipay\.trade\.refund\b|\/v3\/refund\/domestic\/refunds |backTransReq/;
const COMMITS = /Q\0\0\0\x0bCOMMIT\0/i;
const ANYTHING_WRITTEN = /^POST \/v1\/orders/;
const ANY_NOTICE = /^POST \/v1\/callbacks/;

export const FAILPOINTS: readonly Kind[] = [
  failpoint('killed-before-commit', 'kill -9 when COMMIT is on its way and has not arrived', {
    at: databases,
    victim: 'caller',
    says: COMMITS,
    when: 'before',
  }),
  failpoint('killed-after-commit', 'kill -9 when COMMIT is done and its reply has not arrived', {
    at: databases,
    victim: 'caller',
    says: COMMITS,
    when: 'after',
  }),
  failpoint('killed-before-payment-call', 'kill -9 between the intent of a payment and the call', {
    at: calls,
    victim: 'caller',
    says: STARTS,
    when: 'before',
  }),
  failpoint('killed-after-payment-call', 'kill -9 between the call of a payment and its outcome', {
    at: calls,
    victim: 'caller',
    says: STARTS,
    when: 'after',
  }),
  failpoint('killed-before-refund-call', 'kill -9 between the intent of a refund and the call', {
    at: calls,
    victim: 'caller',
    says: REFUNDS,
    when: 'before',
  }),
  failpoint('killed-after-refund-call', 'kill -9 between the call of a refund and its outcome', {
    at: calls,
    victim: 'caller',
    says: REFUNDS,
    when: 'after',
  }),
  failpoint('killed-at-notice', 'kill -9 when a notice has had its effect and is not answered yet', {
    at: notices,
    victim: 'server',
    says: ANY_NOTICE,
    when: 'after',
  }),
  failpoint('killed-before-answer', 'kill -9 when a command is done and not answered yet', {
    at: fronts,
    victim: 'server',
    says: ANYTHING_WRITTEN,
    when: 'after',
  }),
];
