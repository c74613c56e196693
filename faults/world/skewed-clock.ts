// Loaded into a replica before anything else: its wall clock is off, as that of a machine whose time nobody sets. The steady clock
// (`performance.now`) goes on as it does on such a machine.

const skew = Number(process.env.FAULTS_CLOCK_SKEW_MS ?? 0);
const RealDate = Date;
const now = () => RealDate.now() + skew;

globalThis.Date = new Proxy(RealDate, {
  /** Made of nothing, a date is now. */
  construct: (target, given: unknown[], newTarget) => Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget) as Date,
  apply: () => new RealDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
});

export {};
