import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** What lies between the program and its database, and can be cut: at once, or after so many more packets of the program's. */
export class Cable {
  private readonly sockets = new Set<Socket>();
  private left = Number.POSITIVE_INFINITY;
  private cut = false;
  private failed: () => void = () => undefined;

  private constructor(
    private readonly server: Server,
    private readonly databaseUrl: URL,
  ) {}

  static async lay(databaseUrl: string): Promise<Cable> {
    const server = createServer();
    const cable = new Cable(server, new URL(databaseUrl));
    server.on('connection', (program) => cable.join(program));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return cable;
  }

  /** The address of the database, by way of this cable. */
  get url(): string {
    const url = new URL(this.databaseUrl);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  /** The database gets so many more packets, and the program no word of what became of the last. */
  cutAfter(packets: number): void {
    this.left = packets;
    if (packets === 0) this.cutNow();
  }

  cutNow(): void {
    this.cut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  /** Whoever comes gets through again. */
  mend(): void {
    this.cut = false;
    this.left = Number.POSITIVE_INFINITY;
  }

  remove(): void {
    this.cutNow();
    this.server.close();
  }

  /** Resolves once somebody has come in vain. */
  hasFailed(): Promise<void> {
    return new Promise((resolve) => (this.failed = resolve));
  }

  private join(program: Socket): void {
    if (this.cut) {
      program.destroy();
      return this.failed();
    }
    const { hostname, port } = this.databaseUrl;
    const database = connect({ host: hostname, port: Number(port), noDelay: true });
    program.setNoDelay(true);
    for (const [socket, other] of [[program, database] as const, [database, program] as const]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    database.on('data', (chunk) => void program.write(chunk));
    program.on('data', (chunk) => this.carry(chunk, database));
  }

  private carry(chunk: Buffer, database: Socket): void {
    if (this.cut) return;
    this.left -= 1;
    if (this.left > 0) return void database.write(chunk);
    // It arrives, and then there is silence: whether it was done, nobody is told.
    this.cut = true;
    database.write(chunk, () => this.cutNow());
  }
}
