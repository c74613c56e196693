import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { STRAIGHT, type Direction, type Manner } from './flow.js';
import { Link } from './link.js';

/** Sees every piece that passes, and may keep it from passing. */
export type Watch = (piece: Buffer, direction: Direction, link: Link) => 'pass' | 'swallow';

/** A TCP proxy between two of the parts: as a rule it passes on what comes; the faults of a network are made here. */
export class Proxy {
  private readonly links = new Set<Link>();
  private readonly lost = new Set<Link>();
  private manner = STRAIGHT;
  private frozen = false;
  private watch: Watch | undefined;

  private constructor(
    private readonly server: Server,
    private readonly target: () => number,
  ) {}

  /** `target` is the port that a new connection goes to. */
  static start(target: () => number): Promise<Proxy> {
    return new Promise((started, fail) => {
      const server = createServer({ allowHalfOpen: true });
      const proxy = new Proxy(server, target);
      server.on('connection', (near) => proxy.take(near));
      server.once('error', fail).listen(0, '127.0.0.1', () => started(proxy));
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The connections that there are break. Answers how many. */
  cut(): number {
    const { size } = this.links;
    for (const link of [...this.links, ...this.lost]) link.cut();
    return size;
  }

  /** From now on bytes are late, or come a few at a time. */
  slow(manner: Manner): void {
    this.manner = manner;
  }

  /** Nothing passes, and nobody hears why. */
  freeze(): void {
    this.frozen = true;
    for (const link of this.links) link.freeze();
  }

  /** The servers lose the connections that there are; those who called do not hear of it before `mend`. Answers how many. */
  sever(): number {
    const { size } = this.links;
    for (const link of this.links) {
      this.lost.add(link);
      link.sever();
    }
    return size;
  }

  /** `undefined`: nobody looks any more. */
  watched(by: Watch | undefined): void {
    this.watch = by;
  }

  /** As it was at the start. What was severed is cut. */
  mend(): void {
    this.manner = STRAIGHT;
    this.watch = undefined;
    if (this.frozen) for (const link of this.links) link.thaw();
    this.frozen = false;
    for (const link of this.lost) link.cut();
    this.lost.clear();
  }

  async stop(): Promise<void> {
    const closed = new Promise((done) => this.server.close(done));
    this.cut();
    await closed;
  }

  private take(near: Socket): void {
    const link = new Link(
      near,
      this.target(),
      () => this.manner,
      (piece, direction, of) => this.passes(piece, direction, of),
      (of) => {
        this.links.delete(of);
        this.lost.delete(of);
      },
    );
    this.links.add(link);
    if (this.frozen) link.freeze();
  }

  private passes(piece: Buffer, direction: Direction, link: Link): boolean {
    if (this.lost.has(link)) return false;
    return this.watch === undefined || this.watch(piece, direction, link) === 'pass';
  }
}
