import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

const HEAD_END = '\r\n\r\n';
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;

/**
 * One keep-alive connection that has one request under way at a time, with nothing between it and the socket: it shares the machine
 * with what it measures. It reads what Node's servers write, answers with a length, and takes anything else for a failure.
 */
export class Connection {
  private waiting: Waiting | undefined;
  private received: Buffer | undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.take(chunk));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('the connection was closed')));
  }

  static open({ hostname, port }: URL): Promise<Connection> {
    return new Promise((opened, fail) => {
      const socket = connect({ host: hostname, port: Number(port) });
      socket.once('error', fail);
      socket.once('connect', () => {
        socket.off('error', fail);
        opened(new Connection(socket));
      });
    });
  }

  /** `request` is the whole of it, head and body, in ASCII. Rejects where the connection is, or gets, closed. */
  send(request: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) return reject(new Error('the connection was closed before'));
      this.waiting = { resolve, reject };
      this.socket.write(request, 'latin1');
    });
  }

  close(): void {
    this.socket.removeAllListeners('close');
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    const received = this.received === undefined ? chunk : Buffer.concat([this.received, chunk]);
    const headEnd = received.indexOf(HEAD_END);
    if (headEnd < 0) return void (this.received = received);
    const head = received.toString('latin1', 0, headEnd);
    const length = CONTENT_LENGTH.exec(head)?.[1];
    const status = Number(head.slice(9, 12));
    if (length === undefined) return this.fail(new Error(`an answer without a length: ${head.split('\r\n')[0]}`));
    const end = headEnd + HEAD_END.length + Number(length);
    if (received.length < end) return void (this.received = received);
    this.received = undefined;
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.resolve({ status, body: received.toString('utf8', headEnd + HEAD_END.length, end) });
  }

  private fail(error: Error): void {
    const { waiting } = this;
    this.waiting = undefined;
    this.socket.destroy();
    waiting?.reject(error);
  }
}
