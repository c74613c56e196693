import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** The road to the database, which can be cut. */
export class Road {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private port = 0;
  /** Whether those who come are let through, or hung up on. */
  private passable = true;
  private isSilent = false;

  constructor(private readonly destination: URL) {}

  async opens(): Promise<URL> {
    this.passable = true;
    if (this.server) return this.address();
    this.server = createServer((socket) => {
      if (!this.passable) return void socket.destroy();
      if (this.isSilent) return void this.sockets.add(socket);
      const onward = connect(Number(this.destination.port), this.destination.hostname);
      for (const [from, to] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        this.sockets.add(from);
        from.pipe(to);
        from.on('error', () => to.destroy()).on('close', () => to.destroy());
      }
    });
    await new Promise<void>((resolve) => this.server?.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
    return this.address();
  }

  /** Like a server that crashed: the connections break, and new ones are refused. */
  async isCut(): Promise<void> {
    const { server } = this;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    this.hangsUp();
    await closed;
    this.server = undefined;
  }

  /** Like a proxy whose server is gone. */
  hangsUp(): void {
    this.passable = false;
    this.sockets.forEach((socket) => socket.destroy());
    this.sockets.clear();
  }

  /** Like a machine that is gone: whoever is connected hears nothing more, and nobody says that it is over. */
  goesSilent(): void {
    this.isSilent = true;
    this.sockets.forEach((socket) => socket.unpipe().pause());
  }

  private address(): URL {
    const url = new URL(this.destination);
    url.hostname = '127.0.0.1';
    url.port = String(this.port);
    return url;
  }
}
